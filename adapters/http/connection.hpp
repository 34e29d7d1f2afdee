// One client's connection: reads a request, has it answered, writes the answer, and begins again. Pipelined requests wait in the
// buffer; at any time one is on its way. All on the loop's thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "adapters/http/body_pipe.hpp"
#include "adapters/http/loop.hpp"
#include "adapters/http/tls.hpp"
#include "adapters/http/wire.hpp"

namespace medflow::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Loop& loop, Socket socket, std::string address);

  void start();
  /// Looks whether a wait has lasted too long.
  void tick();
  /// Takes no further request; ends at once where none is in flight.
  void finish();
  void abort();
  void take(Letter letter);
  const std::string& address() const { return address_; }

  std::size_t place = 0;  ///< in the loop's list, kept by the loop

 private:
  enum class Phase : std::uint8_t { shaking_hands, reading, handling, pulling, writing, written, lingering, closed };

  void drive();
  bool step();
  bool shake_hands();
  bool read();
  bool decrypt();
  void read_more();
  void receive();
  bool begin_body();
  bool begin_upload();
  bool pass_on();
  void end_upload();
  void break_off_upload();
  Request request();
  void hand_over(Request request);
  bool begin_call();
  bool begin_answer();
  bool begin_stream(Response response);
  bool continue_stream();
  void pull();
  bool refuse(const Problem& problem, std::string_view detail = {});
  void answer_with(const Response& response, Framing framing);
  void begin_write(Phase then);
  bool write();
  bool write_now(std::string_view bytes);
  bool encrypt();
  bool after_write();
  void linger();
  void discard();
  void set_deadline(std::uint32_t ms);
  void overdue();
  bool is_slow() const;
  void drop_stream();
  const ServerLimits& limits() const { return loop_.shared().options.limits; }

  Loop& loop_;
  Socket socket_;
  std::string address_;
  Reader reader_;
  std::unique_ptr<TlsSession> tls_{};
  std::string in_{};  // what came, before it is decrypted
  Phase phase_ = Phase::reading;
  Phase then_ = Phase::written;  // what follows once all is sent
  bool driving_ = false;
  bool waiting_ = false;  // for bytes
  bool sending_ = false;  // what the socket would not take at once
  bool plain_ = false;    // what is to be sent is not encrypted yet
  bool timed_ = true;     // the header's time is running
  bool closing_ = false;  // this answer is the last
  bool finishing_ = false;
  bool in_body_ = false;
  bool head_only_ = false;
  std::uint64_t number_ = 0;  // of the request
  std::uint32_t requests_ = 0;
  SteadyClock::time_point deadline_{};
  SteadyClock::time_point body_since_{};
  std::shared_ptr<BodyPipe> upload_{};  // the body of the request, if it is passed on as it comes
  bool paused_ = false;                 // until whoever reads it has room
  SteadyClock::time_point paused_since_{};
  Charge charge_;         // of what the reader holds
  std::string client_{};  // its address, where a proxy told
  std::optional<Answer> answer_{};
  std::optional<Piece> piece_{};
  std::optional<Response> stream_head_{};  // until the first piece is there
  std::shared_ptr<Stream> stream_{};
  std::string out_{};
  std::size_t sent_ = 0;
};

}  // namespace medflow::http
