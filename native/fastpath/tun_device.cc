#include "tun_device.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "system_failure.h"

// Newer than some kernels' headers.
#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif

namespace fastpath {
namespace {

constexpr size_t kPiecesMax = 66;

}  // namespace

TunDevice::TunDevice(const std::string& name) : fd_(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)) {
  if (!fd_) throw SystemFailure("open /dev/net/tun", errno);
  ifreq request{};
  std::strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR;
  if (ioctl(fd_.get(), TUNSETIFF, &request) < 0) throw SystemFailure("TUNSETIFF", errno);  // CAP_NET_ADMIN
  name_ = request.ifr_name;
  int size = sizeof(VnetHeader);
  if (ioctl(fd_.get(), TUNSETVNETHDRSZ, &size) < 0) throw SystemFailure("TUNSETVNETHDRSZ", errno);
  offerOffloads();
}

/// Kernels before 6.2 refuse UDP segmentation; some virtual ones refuse everything.
void TunDevice::offerOffloads() {
  constexpr unsigned kTcp = TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6;
  if (ioctl(fd_.get(), TUNSETOFFLOAD, kTcp | TUN_F_USO4 | TUN_F_USO6) == 0) {
    offloads_ = {"checksum", "tso4", "tso6", "uso4", "uso6"};
    udp_ = true;
  } else if (ioctl(fd_.get(), TUNSETOFFLOAD, kTcp) == 0) {
    offloads_ = {"checksum", "tso4", "tso6"};
  }
}

ssize_t TunDevice::read(VnetHeader& header, std::span<uint8_t> into) {
  const std::array<iovec, 2> pieces = {{{&header, sizeof header}, {into.data(), into.size()}}};
  for (;;) {
    const ssize_t got = readv(fd_.get(), pieces.data(), pieces.size());
    if (got >= static_cast<ssize_t>(sizeof header)) return got - static_cast<ssize_t>(sizeof header);
    if (got >= 0) return 0;
    if (errno == EINTR) continue;
    // EIO and EBADFD while it is down or being taken away: the other doors go on.
    return -1;
  }
}

bool TunDevice::write(const VnetHeader& header, std::span<const iovec> pieces) {
  std::array<iovec, kPiecesMax> all;
  if (pieces.size() + 1 > all.size()) return false;
  all[0] = {const_cast<VnetHeader*>(&header), sizeof header};
  std::copy(pieces.begin(), pieces.end(), all.begin() + 1);
  for (;;) {
    if (writev(fd_.get(), all.data(), static_cast<int>(pieces.size() + 1)) >= 0) return true;
    if (errno != EINTR) return false;
  }
}

}  // namespace fastpath
