#include "storage/memory/tree.hpp"

#include <functional>
#include <utility>

namespace medflow::inline v1::storage::memory {

using NodePtr = std::shared_ptr<const Tree::Node>;
using Visitor = FunctionRef<bool(const RowPtr&)>;

// A treap: ordered by key, and a heap by weight. The weight is a hash of the key, so the shape depends on the keys alone.
struct Tree::Node {
  std::shared_ptr<const std::string> key;
  std::size_t weight = 0;
  RowPtr row;
  NodePtr left;
  NodePtr right;
};

namespace {

NodePtr with(const Tree::Node& node, NodePtr left, NodePtr right) {
  return std::make_shared<const Tree::Node>(Tree::Node{
      .key = node.key, .weight = node.weight, .row = node.row, .left = std::move(left), .right = std::move(right)});
}

std::pair<NodePtr, NodePtr> split(const NodePtr& node, std::string_view key) {
  if (!node) return {};
  if (*node->key < key) {
    auto [low, high] = split(node->right, key);
    return {with(*node, node->left, std::move(low)), std::move(high)};
  }
  auto [low, high] = split(node->left, key);
  return {std::move(low), with(*node, std::move(high), node->right)};
}

NodePtr merge(const NodePtr& low, const NodePtr& high) {
  if (!low) return high;
  if (!high) return low;
  if (low->weight > high->weight) return with(*low, low->left, merge(low->right, high));
  return with(*high, merge(low, high->left), high->right);
}

NodePtr insert(const NodePtr& node, const Tree::Node& fresh) {
  if (!node || fresh.weight > node->weight) {
    auto [low, high] = split(node, *fresh.key);
    return with(fresh, std::move(low), std::move(high));
  }
  if (*fresh.key < *node->key) return with(*node, insert(node->left, fresh), node->right);
  return with(*node, node->left, insert(node->right, fresh));
}

NodePtr remove(const NodePtr& node, std::string_view key) {
  if (!node) return node;
  if (key < *node->key) return with(*node, remove(node->left, key), node->right);
  if (key > *node->key) return with(*node, node->left, remove(node->right, key));
  return merge(node->left, node->right);
}

bool walk_up(const Tree::Node* node, std::string_view lower, std::string_view upper, Visitor visit) {
  if (node == nullptr) return true;
  const bool above = *node->key >= lower;
  const bool below = *node->key < upper;
  if (above && !walk_up(node->left.get(), lower, upper, visit)) return false;
  if (above && below && !visit(node->row)) return false;
  return !below || walk_up(node->right.get(), lower, upper, visit);
}

bool walk_down(const Tree::Node* node, std::string_view lower, std::string_view upper, Visitor visit) {
  if (node == nullptr) return true;
  const bool above = *node->key >= lower;
  const bool below = *node->key < upper;
  if (below && !walk_down(node->right.get(), lower, upper, visit)) return false;
  if (above && below && !visit(node->row)) return false;
  return !above || walk_down(node->left.get(), lower, upper, visit);
}

std::size_t bytes_of(RowView cells) {
  std::size_t sum = 0;
  for (const auto& cell : cells) sum += cell.data.size();
  return sum;
}

}  // namespace

Row::Row(RowView cells) : cells_(cells.begin(), cells.end()) {
  bytes_.reserve(bytes_of(cells));
  for (auto& cell : cells_) {
    const auto start = bytes_.size();
    bytes_.append(cell.data);
    cell.data = std::string_view{bytes_.data() + start, cell.data.size()};
  }
}

RowPtr Tree::find(std::string_view key) const {
  const Node* node = root_.get();
  while (node != nullptr) {
    const int order = key.compare(*node->key);
    if (order == 0) return node->row;
    node = order < 0 ? node->left.get() : node->right.get();
  }
  return {};
}

void Tree::put(std::string key, RowPtr row) {
  erase(key);
  const auto weight = std::hash<std::string>{}(key);
  root_ = insert(root_, Node{.key = std::make_shared<const std::string>(std::move(key)),
                             .weight = weight,
                             .row = std::move(row),
                             .left = {},
                             .right = {}});
}

void Tree::erase(std::string_view key) {
  if (find(key)) root_ = remove(root_, key);
}

void Tree::ascend(std::string_view lower, std::string_view upper, Visitor visit) const {
  walk_up(root_.get(), lower, upper, visit);
}

void Tree::descend(std::string_view lower, std::string_view upper, Visitor visit) const {
  walk_down(root_.get(), lower, upper, visit);
}

}  // namespace medflow::inline v1::storage::memory
