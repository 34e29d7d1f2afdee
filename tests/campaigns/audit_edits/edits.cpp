#include "tests/campaigns/audit_edits/edits.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <vector>

#include "audit/event.hpp"
#include "audit/tree.hpp"

namespace medflow::campaign {
namespace {

using Random = std::mt19937_64;

std::string text(std::uint64_t number) { return std::to_string(number); }

std::string literal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "x'";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out + "'";
}

std::string as_text(std::string_view bytes) { return "CAST(" + literal(bytes) + " AS TEXT)"; }

/// One edit of one copy.
class Edit {
 public:
  Edit(Bench& bench, const StoredLog& log, const StoredLog& other, std::string name, Random& random)
      : bench_(bench), log_(log), other_(other), name_(std::move(name)), random_(random) {
    bench_.copy(log_.name, name_);
  }

  std::string make(std::size_t kind) {
    switch (kind) {
      case 0:
        return flip();
      case 1:
        return drop();
      case 2:
        return swap();
      case 3:
        return duplicate();
      case 4:
        return truncate();
      case 5:
        return sign_again();
      default:
        return splice();
    }
  }

 private:
  std::uint64_t pick(std::uint64_t limit) { return random_() % limit; }
  std::uint64_t any_seq() { return 1 + pick(log_.size()); }
  auto any_hash() { return *std::next(log_.hashes.begin(), static_cast<std::ptrdiff_t>(pick(log_.hashes.size()))); }
  std::uint64_t any_checkpoint() { return 1 + pick(log_.checkpoints.size()); }
  std::string flipped(std::string bytes) {
    const auto place = pick(bytes.size());
    bytes[place] = static_cast<char>(bytes[place] ^ (1 << pick(8)));
    return bytes;
  }
  const std::string& event(std::uint64_t seq) const { return log_.events[seq - 1]; }
  void run(const std::string& sql) { sql_ += sql + ";"; }
  std::string done(std::string what) {
    auto raw = bench_.raw(name_);
    raw.run("PRAGMA synchronous=OFF; BEGIN; " + sql_ + " COMMIT");
    return what;
  }
  void set_event(std::uint64_t seq, std::string_view bytes) {
    run("UPDATE audit_events SET event=" + literal(bytes) + " WHERE seq=" + text(seq));
  }
  static std::string at_hash(const std::pair<std::int64_t, std::int64_t>& key) {
    return " WHERE level=" + std::to_string(key.first) + " AND number=" + std::to_string(key.second);
  }

  std::string flip() {
    const auto dice = pick(20);
    if (dice < 11 || (dice < 14 && log_.hashes.empty())) {
      const auto seq = any_seq();
      set_event(seq, flipped(event(seq)));
      return done("a bit of event " + text(seq));
    }
    if (dice < 14) {
      const auto [key, bytes] = any_hash();
      run("UPDATE audit_tiles SET hashes=" + literal(flipped(bytes)) + at_hash(key));
      return done("a bit of a hash");
    }
    if (dice < 17) return flip_head();
    const auto number = any_checkpoint();
    if (dice == 17) {
      run("UPDATE audit_checkpoints SET size=size+" + text(1 + pick(5)) + " WHERE number=" + text(number));
      return done("the size beside checkpoint " + text(number));
    }
    run("UPDATE audit_checkpoints SET note=" + as_text(flipped(log_.checkpoints[number - 1].second)) +
        " WHERE number=" + text(number));
    return done("a bit of checkpoint " + text(number));
  }

  std::string flip_head() {
    auto raw = bench_.raw(name_);
    const auto row = raw.rows("SELECT hex(root), hex(seal) FROM audit_head").at(0);
    const auto digit = [&](std::string hex) {
      const auto place = pick(hex.size());
      hex[place] = hex[place] == '0' ? '1' : '0';
      return "x'" + hex + "'";
    };
    switch (pick(3)) {
      case 0:
        run("UPDATE audit_head SET size=size" + std::string(pick(2) == 0 ? "-" : "+") + text(1 + pick(40)));
        return done("the head's size");
      case 1:
        run("UPDATE audit_head SET root=" + digit(row[0]));
        return done("a digit of the head's root");
      default:
        run("UPDATE audit_head SET seal=" + digit(row[1]));
        return done("a digit of the head's seal");
    }
  }

  std::string drop() {
    const auto dice = pick(20);
    if (dice < 14 || (dice < 17 && log_.hashes.empty())) {
      const auto seq = any_seq();
      const auto last = std::min<std::uint64_t>(log_.size(), seq + (pick(3) == 0 ? pick(300) : 0));
      run("DELETE FROM audit_events WHERE seq BETWEEN " + text(seq) + " AND " + text(last));
      return done("events " + text(seq) + " to " + text(last));
    }
    if (dice < 17) {
      run("DELETE FROM audit_tiles" + at_hash(any_hash().first));
      return done("a hash");
    }
    if (dice < 18) {
      run("DELETE FROM audit_head");
      return done("the head");
    }
    const auto number = any_checkpoint();
    run("DELETE FROM audit_checkpoints WHERE number=" + text(number));
    return done("checkpoint " + text(number));
  }

  std::string swap() {
    if (pick(8) == 0 && log_.checkpoints.size() > 1) {
      const auto a = 1 + pick(log_.checkpoints.size() - 1);
      run("UPDATE audit_checkpoints SET number=-1 WHERE number=" + text(a));
      run("UPDATE audit_checkpoints SET number=" + text(a) + " WHERE number=" + text(a + 1));
      run("UPDATE audit_checkpoints SET number=" + text(a + 1) + " WHERE number=-1");
      return done("checkpoints " + text(a) + " and " + text(a + 1));
    }
    if (pick(8) == 0 && log_.hashes.contains({0, 1})) {
      run("UPDATE audit_tiles SET hashes=" + literal(log_.hashes.at({0, 1})) + at_hash({0, 0}));
      run("UPDATE audit_tiles SET hashes=" + literal(log_.hashes.at({0, 0})) + at_hash({0, 1}));
      return done("the first two tiles");
    }
    const auto a = any_seq();
    const auto b = (a + pick(log_.size() - 1)) % log_.size() + 1;
    if (pick(2) == 0) {
      set_event(a, event(b));
      set_event(b, event(a));
      return done("events " + text(a) + " and " + text(b));
    }
    set_event(a, renumbered(event(b), a));
    set_event(b, renumbered(event(a), b));
    return done("events " + text(a) + " and " + text(b) + ", with their numbers put right");
  }

  std::string duplicate() {
    const auto seq = any_seq();
    switch (pick(4)) {
      case 0: {
        const auto onto = seq % log_.size() + 1;
        set_event(onto, event(seq));
        return done("event " + text(seq) + " onto " + text(onto));
      }
      case 1: {
        const auto end = log_.size() + 1 + pick(3);
        run("INSERT INTO audit_events(seq, event) VALUES(" + text(end) + ", " + literal(renumbered(event(seq), end)) +
            ")");
        return done("event " + text(seq) + " behind the end");
      }
      case 2: {
        // Everything from there on moves by one.
        run("UPDATE audit_events SET seq=-seq WHERE seq>" + text(seq));
        run("UPDATE audit_events SET seq=1-seq WHERE seq<0");
        run("INSERT INTO audit_events(seq, event) VALUES(" + text(seq + 1) + ", " + literal(event(seq)) + ")");
        return done("event " + text(seq) + " within the log");
      }
      default:
        run("INSERT INTO audit_checkpoints(number, size, note) SELECT max(number)+1, size, note FROM "
            "audit_checkpoints");
        return done("the newest checkpoint");
    }
  }

  std::string truncate() {
    const auto cut = 1 + pick(log_.size() - 1);
    switch (pick(5)) {
      case 0: {
        const auto seq = any_seq();
        set_event(seq, std::string_view(event(seq)).substr(0, pick(event(seq).size())));
        return done("the end of event " + text(seq));
      }
      case 1:
        run("DELETE FROM audit_events WHERE seq>" + text(cut));
        return done("the events behind " + text(cut));
      case 2:
        forge({log_.events.begin(), log_.events.begin() + static_cast<std::ptrdiff_t>(cut)}, false);
        return done("the log behind " + text(cut) + ", made to fit but for the seal");
      case 3:
        run("DELETE FROM audit_checkpoints WHERE size>" + text(cut));
        run("DELETE FROM audit_events WHERE seq>" + text(cut));
        return done("events and checkpoints behind " + text(cut));
      default:
        bench_.copy(log_.older, name_);
        return "the whole log, back to an earlier commit";
    }
  }

  /// Edits an event so that it still reads, and makes everything fit but what only the tenant's keys can make.
  std::string sign_again() {
    const auto seq = any_seq();
    auto events = log_.events;
    audit::Event edited;
    if (!audit::decode(event(seq), edited)) throw std::runtime_error("an event of our own does not read");
    edited.object.bytes[pick(16)] ^= 1;
    audit::encode(edited, events[seq - 1]);
    forge(events, pick(4) != 0);
    return done("event " + text(seq) + ", with the tree made to fit");
  }

  std::string splice() {
    if (pick(10) == 0) {
      bench_.copy(other_.name, name_);
      return "another log in its place";
    }
    auto events = log_.events;
    const auto from = pick(events.size());
    const auto count = 1 + pick(std::min<std::uint64_t>(events.size() - from, other_.size()));
    const auto theirs = pick(other_.size() - count + 1);
    for (std::uint64_t i = 0; i < count; ++i) events[from + i] = renumbered(other_.events[theirs + i], from + i + 1);
    // Both logs come from one pattern: where the pieces happen to be equal, one byte makes them differ.
    if (events == log_.events) events[from] = flipped(events[from]);
    if (pick(3) == 0) {
      for (std::uint64_t i = 0; i < count; ++i) set_event(from + i + 1, events[from + i]);
    } else {
      forge(events, pick(2) == 0);
    }
    return done(text(count) + " events of another log from " + text(from + 1) + " on");
  }

  static std::string renumbered(const std::string& bytes, std::uint64_t seq) {
    audit::Event event;
    if (!audit::decode(bytes, event)) throw std::runtime_error("an event of our own does not read");
    event.seq = seq;
    std::string out;
    audit::encode(event, out);
    return out;
  }

  /// Writes these events with their tree, a head with a seal of another key, and, where asked to, checkpoints signed by another key.
  void forge(const std::vector<std::string>& events, bool with_checkpoints) {
    StoredLog forger{.name = log_.name, .key = static_cast<std::uint8_t>(log_.key + 100)};
    run("DELETE FROM audit_tiles");
    run("DELETE FROM audit_events WHERE seq>" + text(events.size()));
    audit::Tree tree;
    std::size_t next = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (events[i] != log_.events[i]) set_event(i + 1, events[i]);
      tree.append(audit::leaf_hash(events[i]));
      store_hashes(tree);
      if (!with_checkpoints || next >= log_.checkpoints.size() || log_.checkpoints[next].first != tree.size()) continue;
      ++next;
      run("UPDATE audit_checkpoints SET note=" +
          as_text(audit::sign_checkpoint(forger.signer(), log_.origin(), {.size = tree.size(), .root = tree.root()})) +
          " WHERE number=" + text(next));
    }
    const auto seal = forger.sealer()(tree.size(), tree.root(), std::nullopt);
    const auto root = tree.root();
    run("UPDATE audit_head SET size=" + text(tree.size()) + ", root=" + literal(audit::tile_bytes({&root, 1})) +
        ", seal=" + literal(crypto::text_of(seal)));
  }

  void store_hashes(const audit::Tree& tree) {
    const auto insert = [&](std::size_t level, std::uint64_t number, std::string_view hashes) {
      run("INSERT INTO audit_tiles(level, number, hashes) VALUES(" + text(level) + ", " + text(number) + ", " +
          literal(hashes) + ")");
    };
    const auto levels = tree.levels_grown();
    if (levels > 0) insert(0, tree.size() / audit::tile_width - 1, audit::tile_bytes(tree.filled_tile()));
    for (std::size_t level = 1; level <= levels; ++level)
      insert(level, (tree.size() >> (8 * level)) - 1, audit::tile_bytes({&tree.newest(level), 1}));
  }

  Bench& bench_;
  const StoredLog& log_;
  const StoredLog& other_;
  const std::string name_;
  Random& random_;
  std::string sql_{};
};

}  // namespace

std::string edit_copy(Bench& bench, const StoredLog& log, const StoredLog& other, const std::string& name,
                      std::size_t kind, std::mt19937_64& random) {
  return Edit(bench, log, other, name, random).make(kind);
}

}  // namespace medflow::campaign
