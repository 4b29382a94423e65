// One end of an association, or a listening one: a one-to-one socket of usrsctp (RFC 6458 section 4), never blocking.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <usrsctp.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <vector>

#include "../sys/arguments.h"
#include "../sys/failure.h"
#include "parts.h"

namespace sctp {
namespace {

constexpr size_t kAddressOctets = 4;
constexpr size_t kAddressesMax = 8;
constexpr size_t kMeta = 3;

/// What `receive` found, in the first word of its meta.
enum What { kData = 0, kUp = 1, kLost = 2, kRestarted = 3, kPath = 4, kOther = 5 };

void rung(struct socket*, void*, int) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t ignored = write(bell(), &one, sizeof one);
}

/// Addresses of IPv4 in a row, as usrsctp wants them.
std::vector<sockaddr_in> endpoints(const sys::Arguments& arguments, size_t index, size_t portIndex) {
  const sys::Octets octets = arguments.octets(index, "addresses", kAddressOctets);
  const auto port = static_cast<uint16_t>(arguments.integer(portIndex, "port", 1, 65535));
  if (octets.length % kAddressOctets != 0 || octets.length > kAddressesMax * kAddressOctets)
    arguments.outOfRange("addresses", "1 to 8 addresses of 4 octets");
  std::vector<sockaddr_in> list(octets.length / kAddressOctets);
  for (size_t at = 0; at < list.size(); at++) {
    list[at].sin_family = AF_INET;
    list[at].sin_port = htons(port);
    std::memcpy(&list[at].sin_addr, octets.data + at * kAddressOctets, kAddressOctets);
  }
  return list;
}

class Endpoint : public Napi::ObjectWrap<Endpoint> {
 public:
  static inline Napi::FunctionReference made;

  static Napi::Function define(Napi::Env env);
  explicit Endpoint(const Napi::CallbackInfo& info);
  ~Endpoint() override { shut(); }

 private:
  Napi::Value bind(const Napi::CallbackInfo& info);
  Napi::Value listen(const Napi::CallbackInfo& info);
  Napi::Value accept(const Napi::CallbackInfo& info);
  Napi::Value connect(const Napi::CallbackInfo& info);
  Napi::Value send(const Napi::CallbackInfo& info);
  Napi::Value receive(const Napi::CallbackInfo& info);
  Napi::Value paths(const Napi::CallbackInfo& info);
  Napi::Value primary(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  void setUp(const Napi::CallbackInfo& info);
  void option(Napi::Env env, int level, int name, const void* value, socklen_t length);
  void feature(Napi::Env env, int name, uint32_t value);
  struct socket* open(const Napi::CallbackInfo& info) const;
  void shut();

  struct socket* socket_ = nullptr;
};

/// Endpoint(options), or Endpoint(External of an accepted socket).
Endpoint::Endpoint(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Endpoint>(info) {
  if (info[0].IsExternal()) {
    socket_ = info[0].As<Napi::External<struct socket>>().Data();
    usrsctp_set_non_blocking(socket_, 1);
  } else {
    socket_ = usrsctp_socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP, nullptr, nullptr, 0, nullptr);
    if (socket_ == nullptr) throw sys::systemFailure(info.Env(), "usrsctp_socket", errno);
    try {
      setUp(info);
    } catch (...) {
      shut();
      throw;
    }
  }
  usrsctp_set_upcall(socket_, rung, nullptr);
}

/// Everything that an association inherits from the endpoint that it is made on.
void Endpoint::setUp(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "Endpoint");
  const Napi::Env env = info.Env();
  if (!info[0].IsObject()) arguments.wrongType("options", "an object");
  const auto options = info[0].As<Napi::Object>();
  const auto number = [&](const char* name, uint32_t max) -> uint32_t {
    const Napi::Value value = options.Get(name);
    if (!value.IsNumber()) arguments.wrongType(name, "an integer");
    const double wanted = value.As<Napi::Number>().DoubleValue();
    if (!(wanted >= 0 && wanted <= max)) arguments.outOfRange(name, "from 0 to " + std::to_string(max));
    return static_cast<uint32_t>(wanted);
  };
  usrsctp_set_non_blocking(socket_, 1);
  // Closing tells the peer at once (ABORT), and nothing lingers.
  const linger now{1, 0};
  option(env, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  const int buffer = static_cast<int>(number("bufferOctets", 64 << 20));
  option(env, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
  option(env, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  const auto streams = static_cast<uint16_t>(number("streams", 1024));
  const sctp_initmsg init{streams, streams, static_cast<uint16_t>(number("initAttempts", 100)),
                          static_cast<uint16_t>(number("retransmitMaxMs", 60000))};
  option(env, IPPROTO_SCTP, SCTP_INITMSG, &init, sizeof init);
  const sctp_rtoinfo rto{0, number("retransmitFirstMs", 60000), number("retransmitMaxMs", 60000),
                         number("retransmitMinMs", 60000)};
  option(env, IPPROTO_SCTP, SCTP_RTOINFO, &rto, sizeof rto);
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = static_cast<uint16_t>(number("associationRetransmits", 100));
  option(env, IPPROTO_SCTP, SCTP_ASSOCINFO, &association, sizeof association);
  sctp_paddrparams path{};
  path.spp_address.ss_family = AF_INET;
  path.spp_hbinterval = number("heartbeatMs", 60000);
  path.spp_pathmaxrxt = static_cast<uint16_t>(number("pathRetransmits", 100));
  path.spp_flags = SPP_HB_ENABLE;
  option(env, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, &path, sizeof path);
  const sctp_sack_info sack{0, number("sackDelayMs", 500), 2};
  option(env, IPPROTO_SCTP, SCTP_DELAYED_SACK, &sack, sizeof sack);
  if (const uint32_t port = number("remoteUdpPort", 65535); port != 0) {
    sctp_udpencaps udp{};
    udp.sue_address.ss_family = AF_INET;
    udp.sue_port = htons(static_cast<uint16_t>(port));
    option(env, IPPROTO_SCTP, SCTP_REMOTE_UDP_ENCAPS_PORT, &udp, sizeof udp);
  }
  // What is never needed between two members is not there to be attacked. ASCONF before AUTH, which it depends on.
  for (const int name : {SCTP_ASCONF_SUPPORTED, SCTP_AUTH_SUPPORTED, SCTP_PR_SUPPORTED, SCTP_RECONFIG_SUPPORTED,
                         SCTP_NRSACK_SUPPORTED, SCTP_PKTDROP_SUPPORTED, SCTP_ECN_SUPPORTED})
    feature(env, name, 0);
  const uint32_t on = 1;
  option(env, IPPROTO_SCTP, SCTP_NODELAY, &on, sizeof on);
  option(env, IPPROTO_SCTP, SCTP_RECVRCVINFO, &on, sizeof on);
  for (const uint16_t type : {SCTP_ASSOC_CHANGE, SCTP_PEER_ADDR_CHANGE, SCTP_SHUTDOWN_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_FUTURE_ASSOC;
    event.se_type = type;
    event.se_on = 1;
    option(env, IPPROTO_SCTP, SCTP_EVENT, &event, sizeof event);
  }
}

void Endpoint::option(Napi::Env env, int level, int name, const void* value, socklen_t length) {
  if (usrsctp_setsockopt(socket_, level, name, value, length) != 0)
    throw sys::systemFailure(env, "usrsctp_setsockopt", errno);
}

void Endpoint::feature(Napi::Env env, int name, uint32_t value) {
  const sctp_assoc_value wanted{0, value};
  option(env, IPPROTO_SCTP, name, &wanted, sizeof wanted);
}

/// bind(addresses, port): those of this host as it was when the stack was started. EADDRNOTAVAIL for any other.
Napi::Value Endpoint::bind(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "bind");
  std::vector<sockaddr_in> list = endpoints(arguments, 0, 1);
  if (usrsctp_bindx(open(info), reinterpret_cast<sockaddr*>(list.data()), static_cast<int>(list.size()),
                    SCTP_BINDX_ADD_ADDR) != 0)
    throw sys::systemFailure(info.Env(), "usrsctp_bindx", errno);
  return info.Env().Undefined();
}

Napi::Value Endpoint::listen(const Napi::CallbackInfo& info) {
  if (usrsctp_listen(open(info), 4) != 0) throw sys::systemFailure(info.Env(), "usrsctp_listen", errno);
  return info.Env().Undefined();
}

/// accept(): an Endpoint, or null where nobody waits.
Napi::Value Endpoint::accept(const Napi::CallbackInfo& info) {
  struct socket* accepted = usrsctp_accept(open(info), nullptr, nullptr);
  if (accepted == nullptr) return info.Env().Null();
  return made.New({Napi::External<struct socket>::New(info.Env(), accepted)});
}

/// connect(addresses, port): begins. `receive` tells how it went.
Napi::Value Endpoint::connect(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "connect");
  const std::vector<sockaddr_in> list = endpoints(arguments, 0, 1);
  sctp_assoc_t association = 0;
  if (usrsctp_connectx(open(info), reinterpret_cast<const sockaddr*>(list.data()), static_cast<int>(list.size()),
                       &association) != 0 &&
      errno != EINPROGRESS)
    throw sys::systemFailure(info.Env(), "usrsctp_connectx", errno);
  return info.Env().Undefined();
}

/// send(stream, word, octets): all of them as one message with this payload protocol identifier, or -1: no room.
Napi::Value Endpoint::send(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "send");
  sctp_sndinfo with{};
  with.snd_sid = static_cast<uint16_t>(arguments.integer(0, "stream", 0, 65535));
  with.snd_ppid = htonl(static_cast<uint32_t>(arguments.integer(1, "word", 0, UINT32_MAX)));
  const sys::Octets octets = arguments.octets(2, "octets", 1);
  const ssize_t sent = usrsctp_sendv(open(info), octets.data, octets.length, nullptr, 0, &with, sizeof with,
                                     SCTP_SENDV_SNDINFO, 0);
  return sys::transferred(info.Env(), "usrsctp_sendv", sent);
}

What meaningOf(const sctp_notification& said) {
  switch (said.sn_header.sn_type) {
    case SCTP_ASSOC_CHANGE:
      switch (said.sn_assoc_change.sac_state) {
        case SCTP_COMM_UP:
          return kUp;
        case SCTP_RESTART:
          return kRestarted;
        default:
          return kLost;
      }
    case SCTP_SHUTDOWN_EVENT:
      return kLost;
    case SCTP_PEER_ADDR_CHANGE:
      return kPath;
    default:
      return kOther;
  }
}

/// receive(buffer, meta): octets, or -1 where nothing waits. Meta: what it is (0 data, 1 up, 2 lost, 3 restarted, 4 a
/// path changed, 5 nothing of interest), and of data the stream and the word.
Napi::Value Endpoint::receive(const Napi::CallbackInfo& info) {
  const sys::Arguments arguments(info, "receive");
  const sys::Octets buffer = arguments.octets(0, "buffer", sizeof(sctp_notification));
  const sys::View<int32_t> meta = arguments.integers(1, "meta");
  if (meta.length < kMeta) arguments.outOfRange("meta", "at least 3 long");
  sctp_rcvinfo with{};
  socklen_t length = sizeof with;
  unsigned int kind = SCTP_RECVV_NOINFO;
  int flags = 0;
  sockaddr_in from{};
  socklen_t fromLength = sizeof from;
  const ssize_t count = usrsctp_recvv(open(info), buffer.data, buffer.length, reinterpret_cast<sockaddr*>(&from),
                                      &fromLength, &with, &length, &kind, &flags);
  if (count < 0) return sys::transferred(info.Env(), "usrsctp_recvv", count);
  meta.data[0] = kData;
  meta.data[1] = with.rcv_sid;
  meta.data[2] = static_cast<int32_t>(ntohl(with.rcv_ppid));
  if (flags & MSG_NOTIFICATION) {
    sctp_notification said{};
    std::memcpy(&said, buffer.data, std::min(sizeof said, static_cast<size_t>(count)));
    meta.data[0] = meaningOf(said);
  } else if (count == 0) {
    meta.data[0] = kLost;
  }
  return Napi::Number::New(info.Env(), static_cast<double>(count));
}

/// paths(): for each address of the peer itself, its state (1 up, 2 down, 0x200 unconfirmed) and round trip in ms.
Napi::Value Endpoint::paths(const Napi::CallbackInfo& info) {
  struct socket* from = open(info);
  Napi::Array list = Napi::Array::New(info.Env());
  sockaddr* addresses = nullptr;
  const int count = usrsctp_getpaddrs(from, 0, &addresses);
  if (count <= 0) return list;
  const auto* each = reinterpret_cast<const sockaddr_in*>(addresses);
  for (int at = 0; at < count; at++, each++) {
    sctp_paddrinfo path{};
    std::memcpy(&path.spinfo_address, each, sizeof *each);
    socklen_t length = sizeof path;
    if (usrsctp_opt_info(from, 0, SCTP_GET_PEER_ADDR_INFO, &path, &length) != 0) continue;
    char text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &each->sin_addr, text, sizeof text);
    Napi::Object found = Napi::Object::New(info.Env());
    found.Set("address", Napi::String::New(info.Env(), text));
    found.Set("state", Napi::Number::New(info.Env(), path.spinfo_state));
    found.Set("roundTripMs", Napi::Number::New(info.Env(), path.spinfo_srtt));
    list.Set(list.Length(), found);
  }
  usrsctp_freepaddrs(addresses);
  return list;
}

/// primary(): the address of the peer that is sent to now; "" while there is no association.
Napi::Value Endpoint::primary(const Napi::CallbackInfo& info) {
  sctp_status status{};
  socklen_t length = sizeof status;
  char text[INET_ADDRSTRLEN] = "";
  if (usrsctp_getsockopt(open(info), IPPROTO_SCTP, SCTP_STATUS, &status, &length) == 0) {
    const auto* address = reinterpret_cast<const sockaddr_in*>(&status.sstat_primary.spinfo_address);
    inet_ntop(AF_INET, &address->sin_addr, text, sizeof text);
  }
  return Napi::String::New(info.Env(), text);
}

/// close(): the peer is told (ABORT). A second call does nothing.
Napi::Value Endpoint::close(const Napi::CallbackInfo& info) {
  shut();
  return info.Env().Undefined();
}

struct socket* Endpoint::open(const Napi::CallbackInfo& info) const {
  if (socket_ == nullptr) throw Napi::Error::New(info.Env(), "the endpoint is closed");
  return socket_;
}

void Endpoint::shut() {
  if (socket_ == nullptr) return;
  usrsctp_set_upcall(socket_, nullptr, nullptr);
  usrsctp_close(socket_);
  socket_ = nullptr;
}

Napi::Function Endpoint::define(Napi::Env env) {
  return DefineClass(env, "Endpoint",
                     {
                         InstanceMethod<&Endpoint::bind>("bind"),
                         InstanceMethod<&Endpoint::listen>("listen"),
                         InstanceMethod<&Endpoint::accept>("accept"),
                         InstanceMethod<&Endpoint::connect>("connect"),
                         InstanceMethod<&Endpoint::send>("send"),
                         InstanceMethod<&Endpoint::receive>("receive"),
                         InstanceMethod<&Endpoint::paths>("paths"),
                         InstanceMethod<&Endpoint::primary>("primary"),
                         InstanceMethod<&Endpoint::close>("close"),
                     });
}

}  // namespace

void exportEndpoint(Napi::Env env, Napi::Object exports) {
  const Napi::Function define = Endpoint::define(env);
  Endpoint::made = Napi::Persistent(define);
  Endpoint::made.SuppressDestruct();
  exports.Set("Endpoint", define);
}

}  // namespace sctp
