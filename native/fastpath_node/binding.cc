#include "binding.h"

#include "../fastpath/crypto_ipsec_mb.h"
#include "options.h"
#include "views.h"

namespace fastpath_node {
namespace {

/// What `verdict` says of a packet that was not dropped.
constexpr const char* kFates[] = {"sent", "bypass", "held"};

Napi::Value copyOf(Napi::Env env, std::span<const uint8_t> octets) {
  Napi::Uint8Array array = Napi::Uint8Array::New(env, octets.size());
  std::copy(octets.begin(), octets.end(), array.Data());
  return array;
}

Napi::Array copiesOf(Napi::Env env, const std::vector<std::vector<uint8_t>>& packets) {
  Napi::Array array = Napi::Array::New(env, packets.size());
  for (uint32_t at = 0; at < packets.size(); at++) array.Set(at, copyOf(env, packets[at]));
  return array;
}

const char* reasonName(fastpath::DropReason reason) {
  return fastpath::kDropReasonNames[static_cast<size_t>(reason)];
}

/// 2^53 - 1: above it a number of JavaScript is not exact.
constexpr int64_t kLargestInteger = 9'007'199'254'740'991;
constexpr int64_t kNsPerMs = 1'000'000;

/// A line of role words that is there.
size_t lineOf(const fastpath::FastPath& path, const Napi::Value& value, const char* name) {
  return static_cast<size_t>(integerOf(value, name, 0, static_cast<int64_t>(path.tables().roles.lines()) - 1));
}

/// Family of an address argument of 4 or 16 octets.
int familyOf(Napi::Env env, std::span<const uint8_t> address, const char* name) {
  if (address.size() == 4) return 4;
  if (address.size() == 16) return 6;
  throw Napi::RangeError::New(env, std::string(name) + " must be 4 or 16 octets");
}

}  // namespace

Napi::Function Binding::define(Napi::Env env) {
  return DefineClass(env, "FastPath",
                     {
                         InstanceAccessor<&Binding::doorbell>("doorbell"),
                         InstanceMethod<&Binding::installSas>("installSas"),
                         InstanceMethod<&Binding::removeSas>("removeSas"),
                         InstanceMethod<&Binding::updateSas>("updateSas"),
                         InstanceMethod<&Binding::steer>("steer"),
                         InstanceMethod<&Binding::changePolicies>("changePolicies"),
                         InstanceMethod<&Binding::readCounters>("readCounters"),
                         InstanceMethod<&Binding::readDrops>("readDrops"),
                         InstanceMethod<&Binding::readGauges>("readGauges"),
                         InstanceMethod<&Binding::readEvents>("readEvents"),
                         InstanceMethod<&Binding::readDatagrams>("readDatagrams"),
                         InstanceMethod<&Binding::sendDatagram>("sendDatagram"),
                         InstanceMethod<&Binding::conclude>("conclude"),
                         InstanceMethod<&Binding::expect>("expect"),
                         InstanceMethod<&Binding::readNumbers>("readNumbers"),
                         InstanceMethod<&Binding::trace>("trace"),
                         InstanceMethod<&Binding::settle>("settle"),
                         InstanceMethod<&Binding::facts>("facts"),
                         InstanceMethod<&Binding::encrypt>("encrypt"),
                         InstanceMethod<&Binding::receive>("receive"),
                         InstanceMethod<&Binding::close>("close"),
                     });
}

Binding::Binding(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Binding>(info) {
  guarded(info.Env(), [&]() -> Napi::Value {
    if (!info[0].IsObject()) throw Napi::TypeError::New(info.Env(), "FastPath: options must be an object");
    const Napi::Object given = info[0].As<Napi::Object>();
    path_ = std::make_unique<fastpath::FastPath>(readOptions(given));
    roles_ = Napi::Persistent(given.Get("roles").As<Napi::Object>());
    edges_ = Napi::Persistent(given.Get("edges").As<Napi::Object>());
    dirty_ = Napi::Persistent(given.Get("dirty").As<Napi::Object>());
    return info.Env().Undefined();
  });
}

fastpath::FastPath& Binding::open(const Napi::CallbackInfo& info) const {
  if (path_ == nullptr) throw Napi::Error::New(info.Env(), "the fast path is closed");
  return *path_;
}

Napi::Value Binding::doorbell(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), open(info).doorbell());
}

Napi::Value Binding::installSas(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).installSas(octetsOf(info[0], "installSas: records"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::removeSas(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).removeSas(wordsOf(info[0], "removeSas: places"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::updateSas(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).updateSas(octetsOf(info[0], "updateSas: records"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::steer(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).steer(wordsOf(info[0], "steer: pairs"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::changePolicies(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).changePolicies(wordsOf(info[0], "changePolicies: removeIds"), octetsOf(info[1], "changePolicies: add"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::readCounters(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).readCounters(wordsOf(info[0], "readCounters: places"), longWordsOf(info[1], "readCounters: into"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::readDrops(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).readDrops(longWordsOf(info[0], "readDrops: into"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::readGauges(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).readGauges(longWordsOf(info[0], "readGauges: into"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::readEvents(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const size_t octets = open(info).readEvents(octetsOf(info[0], "readEvents: into"));
    return Napi::Number::New(info.Env(), static_cast<double>(octets));
  });
}

Napi::Value Binding::readDatagrams(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const size_t octets = open(info).readDatagrams(octetsOf(info[0], "readDatagrams: into"));
    return Napi::Number::New(info.Env(), static_cast<double>(octets));
  });
}

Napi::Value Binding::sendDatagram(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto octets = octetsOf(info[0], "sendDatagram: octets");
    const auto local = octetsOf(info[1], "sendDatagram: local");
    const auto remote = octetsOf(info[2], "sendDatagram: remote");
    const int family = familyOf(info.Env(), local, "sendDatagram: local");
    if (familyOf(info.Env(), remote, "sendDatagram: remote") != family) {
      throw Napi::RangeError::New(info.Env(), "sendDatagram: local and remote must be of one family");
    }
    const auto port = static_cast<uint16_t>(integerOf(info[3], "sendDatagram: remotePort", 1, 65535));
    const bool sent = open(info).sendDatagram(octets, family, fastpath::IpAddress::of(family, local.data()),
                                              {fastpath::IpAddress::of(family, remote.data()), port});
    return Napi::Boolean::New(info.Env(), sent);
  });
}

Napi::Value Binding::conclude(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto line = lineOf(open(info), info[0], "conclude: line");
    open(info).conclude(line, static_cast<uint64_t>(integerOf(info[1], "conclude: epoch", 0, kLargestInteger)));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::expect(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto line = lineOf(open(info), info[0], "expect: line");
    const int64_t untilMs = integerOf(info[1], "expect: untilMs", 0, INT64_MAX / kNsPerMs);
    open(info).expect(line, static_cast<uint64_t>(untilMs * kNsPerMs));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::readNumbers(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).readNumbers(wordsOf(info[0], "readNumbers: places"), longWordsOf(info[1], "readNumbers: into"));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::trace(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    open(info).trace(static_cast<uint32_t>(integerOf(info[0], "trace: spi", 0, UINT32_MAX)));
    return info.Env().Undefined();
  });
}

Napi::Value Binding::settle(const Napi::CallbackInfo& info) {
  open(info).settle();
  return info.Env().Undefined();
}

Napi::Value Binding::facts(const Napi::CallbackInfo& info) {
  fastpath::FastPath& path = open(info);
  Napi::Env env = info.Env();
  Napi::Object facts = Napi::Object::New(env);
  facts.Set("crypto", path.crypto().name());
  facts.Set("cryptoVersion", path.crypto().version());
  facts.Set("threads", static_cast<double>(path.threads()));
  facts.Set("tun", path.tun() == nullptr ? "" : path.tun()->name());
  Napi::Array offloads = Napi::Array::New(env);
  if (path.tun() != nullptr) {
    uint32_t at = 0;
    for (const std::string& each : path.tun()->offloads()) offloads.Set(at++, each);
  }
  facts.Set("offloads", offloads);
  facts.Set("udpSegmentation", path.sockets() != nullptr && path.sockets()->udpSegmentation());
  facts.Set("locked", path.tables().sas.memory().locked());
  facts.Set("memoryOctets", static_cast<double>(path.tables().sas.memory().octets()));
  facts.Set("sas", static_cast<double>(path.tables().sas.count()));
  facts.Set("policies", static_cast<double>(path.policies()));
  return facts;
}

Napi::Value Binding::encrypt(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto inner = octetsOf(info[0], "encrypt: inner");
    if (!info[1].IsUndefined() && !info[1].IsBoolean()) {
      throw Napi::TypeError::New(info.Env(), "encrypt: arrived must be a boolean");
    }
    const bool arrived = info[1].IsBoolean() && info[1].As<Napi::Boolean>().Value();
    const fastpath::SentOuter sent = open(info).encrypt(inner, arrived);
    Napi::Object result = Napi::Object::New(info.Env());
    const bool dropped = sent.fate == fastpath::Fate::dropped;
    result.Set("verdict", dropped ? reasonName(sent.reason) : kFates[static_cast<size_t>(sent.fate)]);
    result.Set("packets", copiesOf(info.Env(), sent.packets));
    result.Set("replies", copiesOf(info.Env(), sent.replies));
    return result;
  });
}

Napi::Value Binding::receive(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&] {
    const auto outer = octetsOf(info[0], "receive: outer");
    const auto from = octetsOf(info[1], "receive: from");
    const auto port = static_cast<uint16_t>(integerOf(info[2], "receive: fromPort", 0, 65535));
    const auto to = octetsOf(info[3], "receive: to");
    const auto tos = static_cast<uint8_t>(integerOf(info[4], "receive: tos", 0, 255));
    const int family = familyOf(info.Env(), from, "receive: from");
    if (familyOf(info.Env(), to, "receive: to") != family) {
      throw Napi::RangeError::New(info.Env(), "receive: from and to must be of one family");
    }
    const fastpath::Endpoint source{fastpath::IpAddress::of(family, from.data()), port};
    const auto received = open(info).receive(outer, family, source, fastpath::IpAddress::of(family, to.data()), tos);
    Napi::Object result = Napi::Object::New(info.Env());
    result.Set("verdict", received.accepted ? "accepted" : reasonName(received.reason));
    if (received.accepted) result.Set("packet", copyOf(info.Env(), received.packet));
    return result;
  });
}

Napi::Value Binding::close(const Napi::CallbackInfo& info) {
  path_.reset();
  roles_.Reset();
  edges_.Reset();
  dirty_.Reset();
  return info.Env().Undefined();
}

Napi::Array cryptoProviders(Napi::Env env) {
  Napi::Array names = Napi::Array::New(env);
  uint32_t at = 0;
  if (fastpath::makeIpsecMb() != nullptr) names.Set(at++, "ipsec-mb");
  if (processOpenssl() != nullptr) names.Set(at++, "openssl");
  return names;
}

}  // namespace fastpath_node
