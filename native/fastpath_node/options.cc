#include "options.h"

#include "../fastpath/crypto_choice.h"
#include "views.h"

namespace fastpath_node {
namespace {

constexpr size_t kRoleLineOctets = 64;
constexpr size_t kNameMax = 15;

std::span<const uint64_t> readRoles(const Napi::Value& value) {
  const std::span<uint8_t> octets = octetsOf(value, "roles");
  const bool aligned = reinterpret_cast<uintptr_t>(octets.data()) % kRoleLineOctets == 0;
  if (!aligned || octets.empty() || octets.size() % kRoleLineOctets != 0) {
    throw Napi::RangeError::New(value.Env(), "roles must be whole lines of 64 octets, aligned to 64");
  }
  return {reinterpret_cast<const uint64_t*>(octets.data()), octets.size() / sizeof(uint64_t)};
}

/// A device's name; empty where it may be left out and is.
std::string deviceName(const Napi::Object& given, const char* key, bool optional) {
  const Napi::Value value = given.Get(key);
  if (optional && value.IsUndefined()) return {};
  const std::string named = std::string("doors.") + key;
  if (!value.IsString()) throw Napi::TypeError::New(given.Env(), named + " must be a string");
  std::string name = value.As<Napi::String>().Utf8Value();
  if (name.empty() || name.size() > kNameMax) {
    throw Napi::RangeError::New(given.Env(), named + " must be a name of 1 to 15 octets");
  }
  return name;
}

fastpath::FastPathDoors readDoors(const Napi::Object& given) {
  fastpath::FastPathDoors doors;
  doors.tun = deviceName(given, "tun", false);
  doors.guard = deviceName(given, "guard", true);
  doors.port = static_cast<uint16_t>(integerOf(given.Get("port"), "doors.port", 1, 65535));
  doors.mark = static_cast<uint32_t>(integerOf(given.Get("mark"), "doors.mark", 0, UINT32_MAX));
  const Napi::Value raw = given.Get("rawEsp");
  if (!raw.IsBoolean()) throw Napi::TypeError::New(given.Env(), "doors.rawEsp must be a boolean");
  doors.rawEsp = raw.As<Napi::Boolean>().Value();
  doors.threads = static_cast<unsigned>(integerOf(given.Get("threads"), "doors.threads", 0, 2));
  return doors;
}

}  // namespace

const fastpath::OpensslFunctions* processOpenssl() {
  static fastpath::OpensslFunctions functions;
  static const bool found = fastpath::findOpenssl(functions).empty();
  return found ? &functions : nullptr;
}

fastpath::FastPathOptions readOptions(const Napi::Object& given) {
  fastpath::FastPathOptions options;
  options.roles = readRoles(given.Get("roles"));
  options.edges = longWordsOf(given.Get("edges"), "edges");
  options.dirty = wordsOf(given.Get("dirty"), "dirty");
  if (options.edges.empty() || options.edges.size() > fastpath::kMaxPlaces) {
    throw Napi::RangeError::New(given.Env(), "edges must have from 1 to 1048576 words");
  }
  if (options.dirty.size() * 32 < options.edges.size()) {
    throw Napi::RangeError::New(given.Env(), "dirty must have a bit for each word of edges");
  }
  options.member = static_cast<unsigned>(integerOf(given.Get("member"), "member", 0, 1));
  const Napi::Value crypto = given.Get("crypto");
  const std::string wanted = crypto.IsString() ? crypto.As<Napi::String>().Utf8Value() : "";
  if (wanted != "auto" && wanted != "ipsec-mb" && wanted != "openssl") {
    throw Napi::TypeError::New(given.Env(), "crypto must be auto, ipsec-mb or openssl");
  }
  const Napi::Value doors = given.Get("doors");
  if (!doors.IsUndefined()) {
    if (!doors.IsObject()) throw Napi::TypeError::New(given.Env(), "doors must be an object");
    options.doors = readDoors(doors.As<Napi::Object>());
  }
  options.crypto = fastpath::chooseCrypto(wanted, processOpenssl());
  return options;
}

}  // namespace fastpath_node
