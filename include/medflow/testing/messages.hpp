// Messages that a platform sends, kept for the test to read.
//
// For tests alone; a weaker promise than the rest of the public headers.
#pragma once

#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/ports.hpp"

namespace medflow::testing {

/// Takes everything, or does with it what the test says. Thread-safe.
class RecordingSender final : public MessageSender {
 public:
  Delivery send(const Message& message) override {
    const std::lock_guard lock(mutex_);
    messages.push_back(message);
    return answer ? answer(message) : Delivery::sent;
  }
  bool dedupes() const override { return knows_again; }

  std::vector<Message> messages{};
  bool knows_again = false;  ///< what `dedupes` answers
  std::function<Delivery(const Message&)> answer{};

 private:
  std::mutex mutex_{};
};

/// The token that a message brings: what stands behind "token=" up to the end of the line.
inline std::string token_in(const Message& message) {
  static constexpr std::string_view key = "token=";
  const std::size_t at = message.text.find(key);
  if (at == std::string::npos) throw std::runtime_error("a message without a token");
  return message.text.substr(at + key.size(), message.text.find('\n', at) - at - key.size());
}

}  // namespace medflow::testing
