#include "audit/tree.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace medflow::audit;

namespace {

std::string hex(const Digest& digest) {
  std::string out;
  for (const auto byte : digest) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += digits[std::to_integer<std::size_t>(byte) >> 4];
    out += digits[std::to_integer<std::size_t>(byte) & 15];
  }
  return out;
}

/// RFC 6962, section 2.1, word for word.
Digest defined_root(std::span<const Digest> leaves) {
  if (leaves.empty()) return medflow::crypto::sha256(std::string_view{});
  if (leaves.size() == 1) return leaves.front();
  std::size_t k = 1;
  while (k * 2 < leaves.size()) k *= 2;
  return node_hash(defined_root(leaves.first(k)), defined_root(leaves.subspan(k)));
}

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(leaf_hash("event " + std::to_string(i)));
  return out;
}

}  // namespace

TEST_CASE("AUD-2: roots are those of the certificate transparency vectors") {
  const std::string leaves[] = {"",
                                std::string(1, '\0'),
                                "\x10",
                                "\x20\x21",
                                "\x30\x31",
                                "\x40\x41\x42\x43",
                                "\x50\x51\x52\x53\x54\x55\x56\x57",
                                "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"};
  const char* roots[] = {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                         "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                         "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                         "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                         "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                         "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                         "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                         "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                         "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  Tree tree;
  CHECK(hex(tree.root()) == roots[0]);
  for (std::size_t i = 0; i < 8; ++i) {
    tree.append(leaf_hash(leaves[i]));
    CHECK(tree.size() == i + 1);
    CHECK(hex(tree.root()) == roots[i + 1]);
  }
}

TEST_CASE("AUD-2: the root grown leaf by leaf is the root by definition, about the edges of the tiles") {
  const auto leaves = some_leaves(65'537);
  Tree tree;
  for (const auto& leaf : leaves) {
    tree.append(leaf);
    const auto size = tree.size();
    if (size <= 40 || (size >= 254 && size <= 258) || size == 511 || size == 512 || size == 513 || size >= 65'535) {
      INFO("size " << size);
      REQUIRE(tree.root() == defined_root(std::span(leaves).first(size)));
    }
    if (size % 100 == 0) tree.settle();
  }
}

TEST_CASE("AUD-2: a filled tile has its leaves, and each level above the roots of the tiles below") {
  const auto leaves = some_leaves(65'536);
  Tree tree;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    tree.append(leaves[i]);
    const auto size = i + 1;
    REQUIRE(tree.levels_grown() == (size == 65'536 ? 2 : size % 256 == 0 ? 1 : 0));
    if (tree.levels_grown() == 0) continue;
    const auto tile = std::span(leaves).subspan(size - 256, 256);
    REQUIRE(tile_bytes(tree.filled_tile()) == tile_bytes(tile));
    REQUIRE(tree.newest(1) == defined_root(tile));
    tree.settle();
  }
  Tree again;
  for (const auto& leaf : leaves) again.append(leaf);
  CHECK(again.newest(2) == defined_root(leaves));
}

TEST_CASE("AUD-2: a tree that went back is as if it had never gone on") {
  const auto leaves = some_leaves(1'200);
  for (const std::size_t settled : std::initializer_list<std::size_t>{0, 1, 200, 255, 256, 257, 512, 700}) {
    for (const std::size_t marked : {settled, settled + 1, settled + 60, settled + 300}) {
      for (const std::size_t further : {std::size_t{0}, std::size_t{1}, std::size_t{50}, std::size_t{200}}) {
        Tree tree;
        for (std::size_t i = 0; i < settled; ++i) tree.append(leaves[i]);
        tree.settle();
        for (std::size_t i = settled; i < marked; ++i) tree.append(leaves[i]);
        for (std::size_t i = 0; i < further; ++i) tree.append(leaf_hash("undone"));
        tree.reset(marked);
        REQUIRE(tree.root() == defined_root(std::span(leaves).first(marked)));
        for (std::size_t i = marked; i < leaves.size(); ++i) {
          tree.append(leaves[i]);
          if (tree.levels_grown() > 0) REQUIRE(tree.newest(1) == defined_root(std::span(leaves).subspan(i - 255, 256)));
        }
        REQUIRE(tree.root() == defined_root(leaves));
      }
    }
  }
}

TEST_CASE("AUD-2: a tree of 65,537 leaves goes back behind a whole tile of tiles") {
  const auto leaves = some_leaves(65'600);
  Tree tree;
  for (std::size_t i = 0; i < 65'530; ++i) {
    tree.append(leaves[i]);
    if (i % 64 == 0) tree.settle();
  }
  tree.settle();
  for (std::size_t i = 65'530; i < leaves.size(); ++i) tree.append(leaves[i]);
  tree.reset(65'530);
  CHECK(tree.root() == defined_root(std::span(leaves).first(65'530)));
  for (std::size_t i = 65'530; i < leaves.size(); ++i) tree.append(leaves[i]);
  CHECK(tree.root() == defined_root(leaves));
}
