// The fast path as a whole: tables, directions, doors, threads. What a binding, a test, a fuzzer or a benchmark uses.
//
// Without doors it has no thread: `encrypt` and `receive` run the same code as the threads do, on one packet.
// All functions are for one thread, the one that made it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clear_socket.h"
#include "crypto.h"
#include "worker.h"

namespace fastpath {

struct FastPathDoors {
  std::string tun;
  /// The device of what arrives from outside in clear; empty where nothing is guarded.
  std::string guard;
  uint16_t port = 4500;
  uint32_t mark = 0;
  bool rawEsp = true;
  /// 0 chooses by the number of processors.
  unsigned threads = 0;
};

struct FastPathOptions {
  std::span<const uint64_t> roles;
  std::span<uint64_t> edges;
  std::span<uint32_t> dirty;
  unsigned member = 0;
  std::unique_ptr<CryptoProvider> crypto;
  std::optional<FastPathDoors> doors;
};

struct SentOuter {
  Fate fate;
  DropReason reason;
  std::vector<std::vector<uint8_t>> packets;
  std::vector<std::vector<uint8_t>> replies;
};

struct ReceivedInner {
  bool accepted;
  DropReason reason;
  std::vector<uint8_t> packet;
};

class FastPath {
 public:
  /// Throws SystemFailure, std::runtime_error.
  explicit FastPath(FastPathOptions options);
  ~FastPath();
  FastPath(const FastPath&) = delete;
  FastPath& operator=(const FastPath&) = delete;

  // These throw RecordError; then nothing of the batch was done.
  void installSas(std::span<const uint8_t> records);
  void removeSas(std::span<const uint32_t> places);
  void updateSas(std::span<const uint8_t> records);
  void steer(std::span<const uint32_t> pairs);
  void changePolicies(std::span<const uint32_t> removeIds, std::span<const uint8_t> add);

  void readCounters(std::span<const uint32_t> places, std::span<uint64_t> into) const;
  void readDrops(std::span<uint64_t> into) const;
  void readGauges(std::span<uint64_t> into) const;
  size_t readEvents(std::span<uint8_t> into);
  size_t readDatagrams(std::span<uint8_t> into) { return tables_.events.takeDatagrams(into); }
  bool sendDatagram(std::span<const uint8_t> octets, int family, const IpAddress& local, const Endpoint& remote);
  /// What is queued inside is encrypted, then no number of this epoch is given out any more.
  void conclude(size_t line, uint64_t epoch);
  /// What comes from inside for this line waits for its role, until then.
  void expect(size_t line, uint64_t untilNs);
  /// Of each place: outbound the first number that is free in the epoch of the role word, inbound the highest that
  /// counts as seen; 0 of a free one.
  void readNumbers(std::span<const uint32_t> places, std::span<uint64_t> into) const;
  void trace(uint32_t spi) { tables_.tracedSpi.store(spi, std::memory_order_relaxed); }
  void settle();

  /// A packet from inside; with `arrived`, one that came from outside in clear.
  SentOuter encrypt(std::span<const uint8_t> inner, bool arrived = false);
  ReceivedInner receive(std::span<const uint8_t> outer, int family, const Endpoint& from, const IpAddress& to,
                        uint8_t tos);

  CryptoProvider& crypto() { return *crypto_; }
  const Tables& tables() const { return tables_; }
  int doorbell() const { return tables_.events.doorbell(); }
  const TunDevice* tun() const { return tun_.get(); }
  const CipherSockets* sockets() const { return sockets_.get(); }
  size_t threads() const { return workers_.size(); }
  size_t policies() const { return tables_.policies.size(); }

 private:
  class Buffers;

  RecordLimits limits() const { return {tables_.sas.places(), tables_.roles.lines()}; }
  void open(const FastPathDoors& doors);
  void kick();
  void emptyInside();

  std::unique_ptr<CryptoProvider> crypto_;
  Tables tables_;
  std::unique_ptr<TunDevice> tun_;
  std::unique_ptr<TunDevice> guard_;
  std::unique_ptr<CipherSockets> sockets_;
  std::unique_ptr<ClearSocket> clear_;
  std::unique_ptr<Buffers> buffers_;
  std::unique_ptr<CryptoWorker> sealing_;
  std::unique_ptr<CryptoWorker> opening_;
  std::unique_ptr<Outbound> outbound_;
  std::unique_ptr<Inbound> inbound_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace fastpath
