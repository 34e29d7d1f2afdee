// What the tests of this folder share: repeatable randomness, hexadecimal, and a reader of Wycheproof's vector files.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/codec.hpp"
#include "crypto/secret.hpp"
#include "medflow/id.hpp"
#include "medflow/ports.hpp"
#include "tests/support/shared_data.hpp"

namespace medflow::crypto::testing {

/// Counts up from a first byte.
class CountingRng final : public Rng {
 public:
  explicit CountingRng(std::uint8_t first = 0x40) : next_(first) {}
  void fill(std::span<std::byte> out) override {
    for (auto& b : out) b = std::byte{next_++};
  }

 private:
  std::uint8_t next_ = 0;
};

/// xorshift: repeatable, and long enough for thousands of draws.
class SeededRng final : public Rng {
 public:
  explicit SeededRng(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t next() {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return state_;
  }
  void fill(std::span<std::byte> out) override {
    for (auto& b : out) b = static_cast<std::byte>(next() >> 56U);
  }

 private:
  std::uint64_t state_;
};

inline SecureKey key_counting_from(std::uint8_t first) {
  SecureKey key;
  CountingRng(first).fill(key.writable());
  return key;
}

inline Uuid uuid_of(std::uint8_t value) {
  Uuid out{};
  out.bytes.fill(value);
  return out;
}

inline std::string bytes_from_hex(std::string_view text) {
  std::string out(text.size() / 2, '\0');
  if (!from_hex(text, std::as_writable_bytes(std::span(out)))) std::abort();
  return out;
}

template <class Bytes>
std::string hex_of(const Bytes& bytes) {
  return hex(std::as_bytes(std::span(bytes)));
}

using medflow::testing::shared_data;

inline std::string file_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// All `"name": "value"` pairs of each test of a Wycheproof file (one pair per line), group values carried along.
inline std::vector<std::map<std::string, std::string>> wycheproof(const std::string& path) {
  std::vector<std::map<std::string, std::string>> out;
  std::map<std::string, std::string> current;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const auto a = line.find('"');
    const auto b = a == std::string::npos ? a : line.find('"', a + 1);
    const auto colon = b == std::string::npos ? b : line.find(": ", b);
    if (colon == std::string::npos) continue;
    std::string value = line.substr(colon + 2);
    if (!value.empty() && value.back() == ',') value.pop_back();
    if (value.size() >= 2 && value.front() == '"') value = value.substr(1, value.size() - 2);
    const std::string name = line.substr(a + 1, b - a - 1);
    current[name] = value;
    if (name == "result") out.push_back(current);
  }
  return out;
}

}  // namespace medflow::crypto::testing
