// The clear side: a TUN device with virtio headers, whose superpackets both ways are what makes the path fast.
#pragma once

#include <string>
#include <vector>

#include "data_path.h"
#include "descriptor.h"

namespace fastpath {

class TunDevice : public InnerDoor {
 public:
  /// Throws SystemFailure. CAP_NET_ADMIN.
  explicit TunDevice(const std::string& name);

  int fd() const { return fd_.get(); }
  const std::string& name() const { return name_; }
  const std::vector<std::string>& offloads() const { return offloads_; }
  bool udpSuperpackets() const { return udp_; }

  /// Octets of a packet behind its header; -1 when there is none. Throws SystemFailure when the device is gone.
  ssize_t read(VnetHeader& header, std::span<uint8_t> into);
  bool write(const VnetHeader& header, std::span<const iovec> pieces) override;

 private:
  void offerOffloads();

  Descriptor fd_;
  std::string name_;
  std::vector<std::string> offloads_;
  bool udp_ = false;
};

}  // namespace fastpath
