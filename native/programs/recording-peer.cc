// Two members of a pair seal under the same SAs, one after the other and sometimes both at once, and a peer records
// what comes: no sequence number and no IV may come twice under one key.
//
//   recording-peer PACKETS [SEED]
//
// Roles move at random: orderly (the successor is told where to go on), by failure (it knows only what it
// acknowledged), and with a zombie (the old one believes that it is active until somebody tells it). Keys live for at
// most 14 takeovers, as the product has it. The last line is JSON; the exit code says whether a promise broke.
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <vector>

#include "../fastpath/crypto_choice.h"
#include "../fastpath/octets.h"
#include "../fastpath/outbound.h"
#include "../fastpath_test/openssl_linked.h"

namespace {

using fastpath::Cipher;
using fastpath::Integrity;

constexpr size_t kSas = 12;
constexpr int kTakeoversMax = 14;
constexpr uint64_t kJump = uint64_t{1} << 28;
/// Some SAs have a small one, so that the cap is met too.
constexpr uint64_t kSmallJump = 3000;
constexpr uint64_t kReserve = 4096;
constexpr uint8_t kActive = 2;
constexpr uint8_t kStandby = 1;

struct Suite {
  Cipher cipher;
  Integrity integrity;
  uint8_t keyOctets;
  uint8_t integrityKeyOctets;
};
constexpr Suite kSuites[] = {
    {Cipher::aesGcm, Integrity::none, 20, 0},
    {Cipher::chacha20Poly1305, Integrity::none, 36, 0},
    {Cipher::aesCbc, Integrity::sha1, 16, 20},
};

/// The number of a key: generation and SA. It is the SPI too, so that what is recorded names its key.
uint32_t spiOf(uint32_t generation, size_t sa) { return 0x1000 + generation * kSas + static_cast<uint32_t>(sa); }
bool esnOf(size_t sa) { return sa % 2 == 1; }
uint64_t jumpOf(size_t sa) { return sa % 4 == 3 ? kSmallJump : kJump; }
const Suite& suiteOf(size_t sa) { return kSuites[sa % std::size(kSuites)]; }

[[noreturn]] void broken(const char* what, uint32_t spi, uint64_t number) {
  std::printf("BROKEN: %s (spi=0x%08x number=%" PRIu64 ")\n", what, spi, number);
  std::exit(1);
}

/// What the far end has seen under the keys of one generation.
class Recorder final : public fastpath::OuterDoor {
 public:
  void begin(uint32_t generation) {
    generation_ = generation;
    for (Seen& seen : seen_) seen = {};
  }

  void send(std::span<const fastpath::OuterMessage> messages, fastpath::PathCounters&) override {
    for (const fastpath::OuterMessage& message : messages) {
      for (uint32_t at = 0; at < message.length; at += message.segment) record(message.data + at);
    }
  }

  uint64_t packets() const { return packets_; }

  void check() const {
    for (size_t sa = 0; sa < kSas; sa++) {
      unique(seen_[sa].numbers, "a sequence number came twice", sa);
      unique(seen_[sa].ivs, "an IV came twice", sa);
    }
  }

 private:
  struct Iv {
    uint64_t high;
    uint64_t low;
    friend auto operator<=>(const Iv&, const Iv&) = default;
  };
  struct Seen {
    std::vector<uint64_t> numbers;
    std::vector<Iv> ivs;
  };

  void record(const uint8_t* packet) {
    const uint32_t spi = fastpath::load32(packet);
    const size_t sa = spi - spiOf(generation_, 0);
    if (sa >= kSas) broken("a packet under a key that is over", spi, 0);
    Seen& seen = seen_[sa];
    // With ESN the upper half is not sent; no key here lives long enough to have one.
    const uint64_t number = fastpath::load32(packet + 4);
    seen.numbers.push_back(number);
    const bool wide = suiteOf(sa).cipher == Cipher::aesCbc;
    seen.ivs.push_back({fastpath::load64(packet + 8), wide ? fastpath::load64(packet + 16) : 0});
    packets_++;
  }

  template <typename Value>
  void unique(std::vector<Value> values, const char* what, size_t sa) const {
    std::sort(values.begin(), values.end());
    const auto twice = std::adjacent_find(values.begin(), values.end());
    if (twice != values.end()) broken(what, spiOf(generation_, sa), leading(*twice));
  }

  static uint64_t leading(uint64_t number) { return number; }
  static uint64_t leading(const Iv& iv) { return iv.high; }

  uint32_t generation_ = 0;
  Seen seen_[kSas];
  uint64_t packets_ = 0;
};

class Nowhere final : public fastpath::InnerDoor, public fastpath::ClearDoor {
 public:
  bool write(const fastpath::VnetHeader&, std::span<const iovec>) override { return true; }
  bool send(const fastpath::InnerPacket&) override { broken("a packet in clear", 0, 0); }
};

fastpath::IpAddress four(uint8_t b, uint8_t c, uint8_t d) {
  const uint8_t octets[4] = {10, b, c, d};
  return fastpath::IpAddress::v4(octets);
}

fastpath::Selector selectorOf(size_t sa) {
  fastpath::Selector selector;
  const fastpath::IpAddress all{UINT64_MAX, UINT64_MAX};
  selector.source = {four(1, 0, 1), four(1, 0, 1), all};
  selector.destination = {four(2, 0, static_cast<uint8_t>(sa)), four(2, 0, static_cast<uint8_t>(sa)), all};
  return selector;
}

/// One of the pair.
class Member {
 public:
  Member(unsigned number, Recorder& recorder)
      : provider_(fastpath::chooseCrypto("auto", &fastpath::linkedOpenssl())),
        worker_(provider_->makeWorker()),
        tables_(kSas, *provider_, fastpath::RoleWords(roles_, 1), fastpath::Edges(edges_, dirty_), number, 4500),
        outbound_(tables_, *worker_, {recorder, nowhere_, nowhere_}) {
    std::vector<fastpath::PolicySpec> policies;
    for (uint32_t sa = 0; sa < kSas; sa++) {
      policies.push_back({sa, sa, fastpath::PolicyAction::protect, 0, sa, selectorOf(sa)});
    }
    tables_.policies.change({}, policies);
  }

  void become(uint8_t role, uint64_t epoch) {
    roles_[1] = UINT64_MAX;
    __atomic_store_n(&roles_[0], epoch << 8 | role, __ATOMIC_SEQ_CST);
  }

  void rekey(uint32_t generation, uint64_t epoch) {
    if (generation > 0) {
      uint32_t places[kSas];
      for (uint32_t sa = 0; sa < kSas; sa++) places[sa] = sa;
      tables_.sas.remove(places);
      tables_.retirement.reclaim();
    }
    uint8_t cipherKey[48];
    uint8_t integrityKey[64];
    std::vector<fastpath::SaSpec> specs;
    for (size_t sa = 0; sa < kSas; sa++) {
      // The keys need not differ for what is proved here; the SPI names them.
      std::fill(std::begin(cipherKey), std::end(cipherKey), static_cast<uint8_t>(generation));
      std::fill(std::begin(integrityKey), std::end(integrityKey), static_cast<uint8_t>(generation));
      specs.push_back(specOf(generation, sa, epoch, cipherKey, integrityKey));
    }
    tables_.sas.install(specs);
    for (uint32_t sa = 0; sa < kSas; sa++) tables_.sas.steer(sa, sa);
  }

  /// Sends `count` packets, over all SAs in turn. How many went.
  uint64_t send(uint64_t count) {
    const uint64_t before = outbound_.counters().gauges.value(fastpath::Gauge::sealed);
    for (uint64_t at = 0; at < count; at++) {
      buildPacket(turn_++ % kSas);
      outbound_.take({}, packet_, fastpath::monotonicNs());
    }
    outbound_.flush();
    return outbound_.counters().gauges.value(fastpath::Gauge::sealed) - before;
  }

  void update(size_t sa, fastpath::UpdateKind kind, uint64_t first, uint64_t second) {
    tables_.sas.update({static_cast<uint32_t>(sa), kind, first, second, 4, {}});
  }

  uint64_t next(size_t sa) const { return tables_.sas.place(static_cast<uint32_t>(sa))->sequence.next(); }
  uint64_t refused() const { return outbound_.counters().drops.value(fastpath::DropReason::capReached); }
  uint64_t spent() const { return outbound_.counters().drops.value(fastpath::DropReason::sequenceEnd); }

 private:
  static fastpath::SaSpec specOf(uint32_t generation, size_t sa, uint64_t epoch, const uint8_t* cipherKey,
                                 const uint8_t* integrityKey) {
    const Suite& suite = suiteOf(sa);
    fastpath::SaSpec spec{};
    spec.place = static_cast<uint32_t>(sa);
    spec.spi = spiOf(generation, sa);
    spec.suite = fastpath::findSuite(static_cast<uint8_t>(suite.cipher), static_cast<uint8_t>(suite.integrity),
                                     suite.keyOctets, suite.integrityKeyOctets);
    if (spec.suite == nullptr) std::abort();
    spec.family = 4;
    spec.esn = esnOf(sa);
    spec.udp = true;
    spec.remotePort = 4500;
    spec.pathMtu = 1500;
    spec.local = four(9, 0, 1);
    spec.remote = four(9, 0, 2);
    spec.sequence = 1;
    spec.epoch = epoch;
    spec.acknowledged = kReserve;
    spec.jump = jumpOf(sa);
    spec.softOctets = spec.hardOctets = spec.softPackets = spec.hardPackets = UINT64_MAX;
    spec.softAtNs = spec.hardAtNs = UINT64_MAX;
    spec.cipherKey = {cipherKey, suite.keyOctets};
    spec.integrityKey = {integrityKey, suite.integrityKeyOctets};
    spec.selectors = {selectorOf(sa)};
    return spec;
  }

  /// An IPv4 packet of 28 octets: UDP without a payload, without a checksum.
  void buildPacket(size_t sa) {
    packet_.assign(28, 0);
    packet_[0] = 0x45;
    fastpath::store16(packet_.data() + 2, 28);
    packet_[8] = 64;
    packet_[9] = 17;
    const uint8_t ends[8] = {10, 1, 0, 1, 10, 2, 0, static_cast<uint8_t>(sa)};
    std::copy(std::begin(ends), std::end(ends), packet_.begin() + 12);
    fastpath::store16(packet_.data() + 24, 8);
  }

  alignas(64) uint64_t roles_[8] = {};
  uint64_t edges_[kSas] = {};
  uint32_t dirty_[1] = {};
  std::unique_ptr<fastpath::CryptoProvider> provider_;
  std::unique_ptr<fastpath::CryptoWorker> worker_;
  fastpath::Tables tables_;
  Nowhere nowhere_;
  fastpath::Outbound outbound_;
  std::vector<uint8_t> packet_;
  uint64_t turn_ = 0;
};

struct Tally {
  uint64_t flips = 0;
  uint64_t orderly = 0;
  uint64_t zombies = 0;
  uint32_t generations = 0;
};

class Pair {
 public:
  Pair(uint64_t seed, Recorder& recorder) : random_(seed), recorder_(recorder), a_(0, recorder), b_(1, recorder) {}

  void run(uint64_t packets) {
    while (recorder_.packets() < packets) {
      rekey();
      for (int takeovers = 0; takeovers < kTakeoversMax; takeovers++) {
        serve();
        takeOver();
      }
      serve();
      recorder_.check();
    }
  }

  const Tally& tally() const { return tally_; }
  uint64_t refused() const { return a_.refused() + b_.refused(); }
  uint64_t spent() const { return a_.spent() + b_.spent(); }

 private:
  Member& active() { return *members_[active_]; }
  Member& standby() { return *members_[1 - active_]; }
  uint64_t upTo(uint64_t most) { return random_() % (most + 1); }

  void rekey() {
    recorder_.begin(tally_.generations);
    for (Member* member : members_) member->rekey(tally_.generations, epoch_);
    for (size_t sa = 0; sa < kSas; sa++) reserved_[sa] = promised_[sa] = kReserve;
    hot_ = true;
    active().become(kActive, epoch_);
    standby().become(kStandby, epoch_);
    tally_.generations++;
  }

  /// Bursts, and reservations that the standby acknowledges. Now and then it is not to be reached: then the cap holds.
  void serve() {
    const bool reached = upTo(3) != 0;
    const uint64_t bursts = 1 + upTo(60);
    for (uint64_t burst = 0; burst < bursts; burst++) {
      active().send(upTo(3000));
      if (reached && upTo(2) == 0) reserve(upTo(9) != 0);
    }
  }

  /// The active asks, the standby acknowledges. Each half may be the last: then the active does not know it.
  ///
  /// The first time after a takeover it is a snapshot, without which a standby is not hot; its floor counts for SAs too
  /// that have sent nothing since, and so do not know their jump yet (rules 2 and 4 of the five).
  void reserve(bool known) {
    for (size_t sa = 0; sa < kSas; sa++) {
      const uint64_t used = active().next(sa) - 1;
      const uint64_t wanted = hot_ ? std::max(reserved_[sa], used + kReserve)
                                   : std::max(reserved_[sa], used) + kReserve;
      standby().update(sa, fastpath::UpdateKind::acknowledged, wanted, epoch_);
      promised_[sa] = wanted;
      if (!known) continue;
      reserved_[sa] = wanted;
      active().update(sa, fastpath::UpdateKind::acknowledged, wanted, epoch_);
    }
    hot_ = true;
  }

  void takeOver() {
    if (!hot_) reserve(true);
    Member& old = active();
    epoch_++;
    tally_.flips++;
    const bool orderly = upTo(2) == 0;
    const bool zombie = !orderly && upTo(1) == 0;
    if (orderly) {
      reserve(true);
      old.become(kStandby, epoch_);
      for (size_t sa = 0; sa < kSas; sa++) {
        standby().update(sa, fastpath::UpdateKind::continueAt, old.next(sa), epoch_);
      }
      tally_.orderly++;
    } else if (!zombie) {
      old.become(kStandby, epoch_ - 1);
    }
    for (size_t sa = 0; sa < kSas; sa++) reserved_[sa] = promised_[sa] + (orderly ? 0 : jumpOf(sa));
    hot_ = false;
    active_ = 1 - active_;
    active().become(kActive, epoch_);
    active().send(1 + upTo(2000));
    if (!zombie) return;
    // Both are active, each in its own epoch, until the old one hears of the new.
    for (int burst = 0; burst < 4; burst++) {
      old.send(upTo(4000));
      active().send(upTo(2000));
    }
    old.become(kStandby, epoch_);
    tally_.zombies++;
  }

  std::mt19937_64 random_;
  Recorder& recorder_;
  Member a_;
  Member b_;
  Member* members_[2] = {&a_, &b_};
  int active_ = 0;
  uint64_t epoch_ = 1;
  /// R: the highest number that the active knows the standby to have acknowledged.
  uint64_t reserved_[kSas] = {};
  /// Rs: the highest that the standby has acknowledged.
  uint64_t promised_[kSas] = {};
  bool hot_ = true;
  Tally tally_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    std::fprintf(stderr, "usage: recording-peer PACKETS [SEED]\n");
    return 2;
  }
  const uint64_t seed = count > 2 ? std::strtoull(arguments[2], nullptr, 10) : std::random_device{}();
  Recorder recorder;
  Pair pair(seed, recorder);
  pair.run(std::strtoull(arguments[1], nullptr, 10));
  const Tally& tally = pair.tally();
  std::printf("{\"seed\":%" PRIu64 ",\"packets\":%" PRIu64 ",\"flips\":%" PRIu64 ",\"orderly\":%" PRIu64
              ",\"zombies\":%" PRIu64 ",\"keys\":%u,\"refusedByCap\":%" PRIu64 ",\"spent\":%" PRIu64 "}\n",
              seed, recorder.packets(), tally.flips, tally.orderly, tally.zombies, tally.generations, pair.refused(),
              pair.spent());
  return 0;
}
