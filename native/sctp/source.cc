// From which address a packet leaves. usrsctp chooses one for each destination without looking at where it lies, so
// that a packet over one path would carry the address of the other and be answered there, be that path dead or not.
// The addresses are pairs here, first to first and second to second: each destination has its source.
//
// usrsctp has no call for that, so its own entry for `sendmsg` (of its global offset table) is pointed here. The
// checksum of SCTP does not cover addresses; the kernel makes that of the IP header.

#include <elf.h>
#include <link.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <span>
#include <string_view>

#include "../sys/arguments.h"
#include "parts.h"

namespace sctp {
namespace {

constexpr size_t kPairsMax = 16;
constexpr size_t kAddressOctets = 4;

/// Destination in the high half, source in the low one, as they stand on the wire; zero for none. Written by the thread
/// of JavaScript, read by usrsctp's.
std::array<std::atomic<uint64_t>, kPairsMax> pairs{};

uint32_t sourceFor(uint32_t destination) {
  for (const auto& pair : pairs) {
    const uint64_t found = pair.load(std::memory_order_relaxed);
    if (found >> 32 == destination) return static_cast<uint32_t>(found);
  }
  return 0;
}

bool isRaw(int fd) {
  int type = 0;
  socklen_t length = sizeof type;
  return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0 && type == SOCK_RAW;
}

ssize_t sendFromPair(int fd, const msghdr* message, int flags) {
  const auto* to = static_cast<const sockaddr_in*>(message->msg_name);
  const uint32_t source = to == nullptr || to->sin_family != AF_INET ? 0 : sourceFor(to->sin_addr.s_addr);
  if (source == 0) return sendmsg(fd, message, flags);
  if (isRaw(fd)) {
    if (message->msg_iovlen > 0 && message->msg_iov[0].iov_len >= sizeof(iphdr))
      static_cast<iphdr*>(message->msg_iov[0].iov_base)->saddr = source;
    return sendmsg(fd, message, flags);
  }
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in_pktinfo))] = {};
  msghdr told = *message;
  told.msg_control = control;
  told.msg_controllen = sizeof control;
  cmsghdr* header = CMSG_FIRSTHDR(&told);
  header->cmsg_level = IPPROTO_IP;
  header->cmsg_type = IP_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof(in_pktinfo));
  in_pktinfo from{};
  from.ipi_spec_dst.s_addr = source;
  std::memcpy(CMSG_DATA(header), &from, sizeof from);
  return sendmsg(fd, &told, flags);
}

/// What the dynamic section of a loaded library says of its calls to others.
struct Calls {
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  std::span<const ElfW(Rela)> list;
};

Calls callsOf(const ElfW(Dyn) * entry) {
  Calls calls;
  const ElfW(Rela)* first = nullptr;
  size_t octets = 0;
  for (; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_SYMTAB) calls.symbols = reinterpret_cast<const ElfW(Sym)*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_STRTAB) calls.names = reinterpret_cast<const char*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_JMPREL) first = reinterpret_cast<const ElfW(Rela)*>(entry->d_un.d_ptr);
    if (entry->d_tag == DT_PLTRELSZ) octets = entry->d_un.d_val;
  }
  if (first != nullptr && calls.symbols != nullptr && calls.names != nullptr)
    calls.list = {first, octets / sizeof(ElfW(Rela))};
  return calls;
}

bool pointHere(void** slot) {
  const auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  auto* start = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(slot) & ~(page - 1));
  if (mprotect(start, page, PROT_READ | PROT_WRITE) != 0) return false;
  *slot = reinterpret_cast<void*>(sendFromPair);
  return true;
}

int hookIn(dl_phdr_info* library, size_t, void* done) {
  if (std::string_view(library->dlpi_name).find("libusrsctp.so") == std::string_view::npos) return 0;
  for (size_t at = 0; at < library->dlpi_phnum; at++) {
    if (library->dlpi_phdr[at].p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(library->dlpi_addr + library->dlpi_phdr[at].p_vaddr);
    const Calls calls = callsOf(entry);
    for (const ElfW(Rela) & call : calls.list) {
      const char* name = calls.names + calls.symbols[ELF64_R_SYM(call.r_info)].st_name;
      if (std::string_view(name) == "sendmsg")
        *static_cast<bool*>(done) = pointHere(reinterpret_cast<void**>(library->dlpi_addr + call.r_offset));
    }
  }
  return 1;
}

/// Once, before usrsctp sends anything.
bool hooked() {
  static const bool done = [] {
    bool found = false;
    dl_iterate_phdr(hookIn, &found);
    return found;
  }();
  return done;
}

/// sources(octets): destination and source in turn, 4 octets each; all that hold from now on.
Napi::Value sources(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "sources");
  const sys::Octets octets = arguments.octets(0, "octets");
  const size_t count = octets.length / (2 * kAddressOctets);
  if (octets.length % (2 * kAddressOctets) != 0 || count > kPairsMax)
    arguments.outOfRange("octets", "at most 16 pairs of 8 octets");
  if (!hooked()) throw Napi::Error::New(info.Env(), "sources: usrsctp sends in another way than it did");
  for (size_t at = 0; at < kPairsMax; at++) {
    uint32_t pair[2] = {0, 0};
    if (at < count) std::memcpy(pair, octets.data + at * sizeof pair, sizeof pair);
    pairs[at].store(static_cast<uint64_t>(pair[0]) << 32 | pair[1], std::memory_order_relaxed);
  }
  return info.Env().Undefined();
}

}  // namespace

void exportSource(Napi::Env env, Napi::Object exports) {
  exports.Set("sources", Napi::Function::New<sources>(env, "sources"));
}

}  // namespace sctp
