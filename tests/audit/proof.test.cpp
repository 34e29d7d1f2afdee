#include "audit/proof.hpp"

#include <doctest/doctest.h>

#include <vector>

#include "tests/audit/fixture.hpp"

using namespace medflow;
using namespace medflow::audit;
using namespace medflow::audit::testing;

namespace {

/// The leaves of a log, and the roots by the definition of RFC 6962, section 2.1, word for word.
class Naive {
 public:
  explicit Naive(OpenStore& store) {
    for (const auto& [key, row] : store.rows(events_table)) leaves_.push_back(leaf_hash(row[1].data));
  }
  Digest root(std::size_t from, std::size_t to) const {
    if (to - from == 1) return leaves_[from];
    std::size_t k = 1;
    while (2 * k < to - from) k *= 2;
    return node_hash(root(from, from + k), root(from + k, to));
  }
  const Digest& leaf(std::size_t index) const { return leaves_[index]; }

 private:
  std::vector<Digest> leaves_{};
};

OpenStore honest(std::uint64_t size) {
  OpenStore store;
  Log log;
  fill(log, store, size, 100, mixed_event);
  return store;
}

/// Every way to change one hash, and a proof that is too short or too long.
template <class Holds>
void check_only(std::vector<Digest> proof, const Holds& holds) {
  REQUIRE(holds(proof));
  for (auto& hash : proof) {
    hash[7] ^= std::byte{1};
    CHECK_FALSE(holds(proof));
    hash[7] ^= std::byte{1};
  }
  proof.emplace_back();
  CHECK_FALSE(holds(proof));
  proof.pop_back();
  if (proof.empty()) return;
  proof.pop_back();
  CHECK_FALSE(holds(proof));
}

}  // namespace

TEST_CASE("AUD-2: every event of every tree of up to 40 events is proved to be in it, and nothing else is") {
  auto store = honest(40);
  const Naive naive(store);
  for (std::uint64_t size = 1; size <= 40; ++size) {
    StoredTree tree(store, size, 40);
    const Digest root = tree.root();
    REQUIRE(root == naive.root(0, size));
    for (std::uint64_t index = 0; index < size; ++index) {
      INFO("event " << index + 1 << " of " << size);
      const auto leaf = tree.leaf(index);
      CHECK(leaf == naive.leaf(index));
      check_only(tree.inclusion(index),
                 [&](const auto& proof) { return inclusion_holds(index, size, leaf, root, proof); });
      const auto proof = tree.inclusion(index);
      if (size > 1) CHECK_FALSE(inclusion_holds((index + 1) % size, size, leaf, root, proof));
      CHECK_FALSE(inclusion_holds(index, size, node_hash(leaf, leaf), root, proof));
      CHECK_FALSE(inclusion_holds(index, size, leaf, leaf_hash("another"), proof));
      CHECK_FALSE(inclusion_holds(size, size, leaf, root, proof));
    }
  }
}

TEST_CASE("AUD-2: every tree of up to 40 events is proved to begin with every earlier one, and nothing else is") {
  auto store = honest(40);
  const Naive naive(store);
  for (std::uint64_t size = 1; size <= 40; ++size) {
    StoredTree tree(store, size, 40);
    const Digest root = tree.root();
    for (std::uint64_t earlier = 1; earlier <= size; ++earlier) {
      INFO(earlier << " of " << size);
      const Digest before = naive.root(0, earlier);
      check_only(tree.consistency(earlier),
                 [&](const auto& proof) { return consistency_holds(earlier, before, size, root, proof); });
      const auto proof = tree.consistency(earlier);
      CHECK_FALSE(consistency_holds(earlier, leaf_hash("another"), size, root, proof));
      CHECK_FALSE(consistency_holds(earlier, before, size, leaf_hash("another"), proof));
      CHECK_FALSE(consistency_holds(0, before, size, root, proof));
      CHECK_FALSE(consistency_holds(size + 1, before, size, root, proof));
    }
  }
}

TEST_CASE("AUD-2: proofs over full tiles and their levels are those of the definition") {
  auto store = honest(1'500);
  const Naive naive(store);
  Random random(7);
  for (const std::uint64_t size : {255U, 256U, 257U, 511U, 512U, 513U, 1'024U, 1'281U, 1'500U}) {
    StoredTree tree(store, size, 1'500);
    const Digest root = tree.root();
    REQUIRE(root == naive.root(0, size));
    for (int i = 0; i < 40; ++i) {
      const std::uint64_t index = random() % size;
      INFO("event " << index + 1 << " of " << size);
      REQUIRE(inclusion_holds(index, size, naive.leaf(index), root, tree.inclusion(index)));
      REQUIRE(consistency_holds(index + 1, naive.root(0, index + 1), size, root, tree.consistency(index + 1)));
    }
  }
}

TEST_CASE("AUD-2: two levels of tiles: proofs in a log of 66,000 events") {
  OpenStore store;
  Log log;
  fill(log, store, 66'000, 512, read_event);
  const Naive naive(store);
  StoredTree tree(store, 66'000, 66'000);
  REQUIRE(tree.root() == log.root());
  for (const std::uint64_t index : {0U, 255U, 256U, 65'535U, 65'536U, 65'999U}) {
    INFO("event " << index + 1);
    CHECK(inclusion_holds(index, 66'000, naive.leaf(index), log.root(), tree.inclusion(index)));
    CHECK(consistency_holds(index + 1, naive.root(0, index + 1), 66'000, log.root(), tree.consistency(index + 1)));
  }
}

TEST_CASE("AUD-2: a proof that needs a hash that is missing is refused, not made up") {
  auto store = honest(600);
  SUBCASE("a tile") { store.rows(tiles_table).erase({0, 0}); }
  SUBCASE("a tile that is too short") { store.hashes(0, 0).resize(31); }
  SUBCASE("an event of the last tile") { store.rows(events_table).erase({555}); }
  StoredTree tree(store, 600, 600);
  CHECK_THROWS_AS((void)tree.inclusion(3), Failure);
}
