// Replay windows and outbound numbers, against models that are too simple to be wrong.
#include <set>

#include "../fastpath/outbound_sequence.h"
#include "../fastpath/replay_window.h"
#include "check.h"

using check::below;
using fastpath::OutboundSequence;
using fastpath::ReplayWindow;
using Outcome = OutboundSequence::Outcome;

namespace {

/// Everything that was ever taken.
struct WindowModel {
  uint64_t packets;
  uint64_t top = 0;
  std::set<uint64_t> taken;

  bool accept(uint64_t number) {
    if (number == 0 || (number + packets <= top) || taken.contains(number)) return false;
    taken.insert(number);
    top = std::max(top, number);
    return true;
  }
};

}  // namespace

TEST(window_agrees_with_the_model_on_random_numbers) {
  for (const uint32_t packets : {32u, 64u, 128u, 1024u, 4096u}) {
    ReplayWindow window(packets, false);
    WindowModel model{packets, 0, {}};
    for (int each = 0; each < 20000; each++) {
      const uint64_t span = packets * 2;
      const uint64_t base = model.top > span / 2 ? model.top - span / 2 : 0;
      const uint64_t number = below(50) == 0 ? model.top + below(packets * 3) : base + below(span);
      EXPECT(window.accept(number) == model.accept(number));
      EXPECT(window.top() == model.top);
    }
  }
}

TEST(window_takes_extremes_once) {
  ReplayWindow window(64, false);
  EXPECT(!window.accept(0));
  EXPECT(window.accept(uint64_t{1} << 31));
  EXPECT(window.accept(0xffffffff));
  EXPECT(!window.accept(0xffffffff));
  EXPECT(window.accept(0xffffffff - 63));
  EXPECT(!window.accept(0xffffffff - 64));
  EXPECT(!window.accept(1));
}

TEST(extended_numbers_are_inferred_from_the_low_half) {
  for (const uint32_t packets : {32u, 64u, 4096u}) {
    for (int each = 0; each < 20000; each++) {
      ReplayWindow window(packets, true);
      // Both sub-cases of RFC 4303 appendix A: the window within one half and across a wrap.
      const uint64_t top = (uint64_t{1} << 32) * (1 + below(3)) + below(3) * 0x7fffffff + below(packets * 2);
      window.raise(top);
      const uint64_t number = below(2) == 0 ? top - below(packets) : top + 1 + below(uint64_t{1} << 31);
      EXPECT(window.infer(static_cast<uint32_t>(number)) == number);
    }
  }
}

TEST(raised_window_refuses_all_it_covers) {
  ReplayWindow window(1024, false);
  EXPECT(window.accept(5));
  window.raise(5000);
  for (uint64_t number = 3000; number <= 5000; number++) EXPECT(!window.accept(number));
  EXPECT(window.accept(5001));
  window.raise(100);
  EXPECT(window.top() == 5001);
}

TEST(numbers_rise_by_one_to_the_cap) {
  OutboundSequence sequence({1, 1, 10, 5, false});
  uint64_t number = 0;
  for (uint64_t wanted = 1; wanted <= 14; wanted++) {
    EXPECT(sequence.give(number) == Outcome::given);
    EXPECT(number == wanted);
  }
  EXPECT(sequence.give(number) == Outcome::capReached);
  sequence.acknowledge(11, 1);
  EXPECT(sequence.give(number) == Outcome::given);
  EXPECT(number == 15);
  EXPECT(sequence.give(number) == Outcome::capReached);
}

TEST(numbers_end_before_they_wrap) {
  OutboundSequence sequence({0xfffffffe, 1, 0xfffffffe, uint64_t{1} << 40, false});
  uint64_t number = 0;
  EXPECT(sequence.nearEnd());
  EXPECT(sequence.give(number) == Outcome::given);
  EXPECT(sequence.give(number) == Outcome::given);
  EXPECT(number == 0xffffffff);
  EXPECT(sequence.give(number) == Outcome::spaceUsedUp);
}

TEST(numbers_with_extension_pass_the_wrap) {
  OutboundSequence sequence({0xffffffff, 1, 0, uint64_t{1} << 40, true});
  uint64_t number = 0;
  EXPECT(sequence.give(number) == Outcome::given);
  EXPECT(sequence.give(number) == Outcome::given);
  EXPECT(number == 0x100000000);
}

TEST(overwritten_number_fails_the_assertion) {
  OutboundSequence sequence({1, 1, 100, 100, false});
  uint64_t number = 0;
  EXPECT(sequence.give(number) == Outcome::given);
  sequence.corruptForTest();
  EXPECT(sequence.give(number) == Outcome::failed);
}

/// Two members, one key: whatever is acknowledged when, no number is given twice (rules 1, 2 and 4). A member that
/// holds nothing from the present active is not HOT and does not take over. The first packet may come long after the
/// takeover.
TEST(members_never_share_a_number) {
  size_t takeovers = 0;
  for (int round = 0; round < 300; round++) {
    const uint64_t jump = 50;
    OutboundSequence one({1, 1, 0, jump, false});
    OutboundSequence two({1, 1, 0, jump, false});
    OutboundSequence* members[] = {&one, &two};
    std::set<uint64_t> given;
    std::set<uint64_t> ivs;
    unsigned active = 0;
    uint64_t epoch = 1;
    uint64_t known = 0;
    uint64_t held[] = {0, 0};
    bool hot = true;
    for (int step = 0; step < 200; step++) {
      OutboundSequence& mine = *members[active];
      OutboundSequence& other = *members[1 - active];
      uint64_t number = 0;
      switch (below(20)) {
        case 0:
          if (!hot) break;
          active = 1 - active;
          epoch++;
          known = held[active] + jump;
          hot = false;
          takeovers++;
          break;
        case 1:
        case 2: {
          // A reservation: the standby acknowledges first; the active may never hear of it.
          const uint64_t reserved = std::max(known, mine.next() - 1) + 10;
          held[1 - active] = reserved;
          other.acknowledge(reserved, epoch);
          hot = true;
          if (below(2) == 0) break;
          mine.acknowledge(reserved, epoch);
          known = held[active] = reserved;
          break;
        }
        default:
          mine.enter(epoch);
          if (mine.give(number) != Outcome::given) break;
          EXPECT(given.insert(number).second);
          EXPECT(ivs.insert(mine.iv(number, active)).second);
      }
    }
  }
  EXPECT(takeovers > 300);
}
