#include "tests/campaigns/numbers/hand.hpp"

#include <unistd.h>

namespace medflow::campaign {
namespace {

constexpr unsigned again_us = 5'000;
constexpr std::uint64_t spoilt_one_in = 10;
constexpr std::uint64_t asked_again_one_in = 20;

}  // namespace

Hand::Hand(Shared& shared, std::size_t number, Desk& desk)
    : shared_(shared),
      number_(number),
      me_(shared.hand.at(number)),
      desk_(desk),
      random_(shared.seed * 1'000'003 + number * 1'009 + me_.lives++) {}

void Hand::run() {
  if (me_.asked == Asked::issue) issue(true);
  me_.asked = Asked::nothing;  // a draft that a kill broke off has no number
  while (me_.done < shared_.each || shared_.kills_left > 0) attempt();
  me_.finished = true;
}

Uuid Hand::new_id() {
  Uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random_());
  return id;
}

/// Where no answer came the same is asked again, as the process that follows a killed one does.
template <class Ask>
Reply Hand::until_answered(Ask ask) {
  for (;;) {
    Reply reply = ask();
    if (!reply.code.empty()) return reply;
    ++shared_.counters.unanswered;
    ::usleep(again_us);
  }
}

void Hand::attempt() {
  ++me_.done;
  ++shared_.counters.attempts;
  shared_.clock_us += attempt_takes_us;
  me_.invoice = new_id();
  me_.amount = static_cast<std::int64_t>(1 + random_() % 100'000);
  me_.asked = Asked::draft;
  make_draft();
  if (me_.asked != Asked::draft) return;
  if (random_() % spoilt_one_in == 0 && spoil()) return give_up();
  me_.begun = shared_.tickets++;
  me_.asked = Asked::issue;
  issue(false);
}

void Hand::make_draft() {
  const Uuid& facility = shared_.facilities.at(place());
  const Reply reply = until_answered([&] { return desk_.draft(me_.invoice, me_.patient, facility, me_.amount); });
  if (!reply.ok() || reply.status != "draft" || reply.sequence != 0) {
    shared_.find("a draft answers " + reply.code + " " + reply.status);
    me_.asked = Asked::nothing;
    return;
  }
  me_.revision = reply.revision;
}

/// Asks for what must fail; true where the draft is not to be issued any more.
bool Hand::spoil() {
  const std::string key = me_.invoice.text() + "-spoilt";
  const auto fails = [&](const Reply& reply, const std::string& code, std::atomic<std::uint64_t>& counter) {
    shared_.expect(reply.code == code, "instead of " + code + " an issue answers " + reply.code);
    ++counter;
  };
  switch (random_() % 3) {
    case 0:
      fails(until_answered([&] { return desk_.issue(me_.invoice, me_.revision + 1, key, false); }), "conflict.revision",
            shared_.counters.stale);
      break;
    case 1:
      fails(until_answered([&] { return desk_.issue(me_.invoice, me_.revision, key, true); }), "invoice.date_order",
            shared_.counters.early);
      break;
    default:
      // Of a discard that was not answered the second one is refused.
      until_answered([&] { return desk_.discard(me_.invoice, me_.revision); });
      fails(until_answered([&] { return desk_.issue(me_.invoice, me_.revision + 1, key, false); }),
            "transition.illegal", shared_.counters.discarded);
      return true;
  }
  return random_() % 2 == 0;
}

/// The key is the invoice's id: asked again with it, whatever became of it before, it is issued once.
void Hand::issue(bool settles) {
  const std::string key = me_.invoice.text();
  const auto ask = [&] { return desk_.issue(me_.invoice, me_.revision, key, false); };
  std::uint64_t there = 0;  // its number, if it has its effect without having been answered
  if (settles) there = until_answered([&] { return desk_.get(me_.invoice); }).sequence;
  const Reply reply = until_answered(ask);
  if (!reply.ok() || reply.status != "issued" || reply.sequence == 0 || reply.revision != me_.revision + 1) {
    shared_.find(std::string(settles ? "after a kill an issue answers " : "an issue answers ") + reply.code + " " +
                 reply.status);
    me_.asked = Asked::nothing;
    return;
  }
  std::string digits = std::to_string(reply.sequence);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  shared_.expect(reply.number == (place() == 0 ? "INV-2026-" : "ANX-2026-") + digits,
                 "a number is " + reply.number + " and its sequence " + digits);
  shared_.write_down(me_.invoice, place(), reply.sequence, me_.begun, me_.amount);
  ++shared_.counters.issued;
  if (settles) ++(there == 0 ? shared_.counters.settled_absent : shared_.counters.settled_there);
  shared_.expect(there == 0 || there == reply.sequence, "asked again behind a kill, an issue has another number");
  const std::uint64_t sequence = reply.sequence;
  me_.asked = Asked::nothing;
  if (random_() % asked_again_one_in != 0) return;
  const Reply again = until_answered(ask);
  shared_.expect(again.ok() && again.sequence == sequence && again.number == reply.number,
                 "asked again with its key, an issue answers " + again.code + " " + again.number);
  ++shared_.counters.replayed;
}

/// A draft that is never to have a number.
void Hand::give_up() {
  shared_.write_down(me_.invoice, place(), 0, 0, 0);
  me_.asked = Asked::nothing;
}

}  // namespace medflow::campaign
