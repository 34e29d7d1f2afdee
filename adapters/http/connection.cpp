#include "adapters/http/connection.hpp"

#include <span>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>

namespace medflow::http {
namespace {

using boost::system::error_code;

constexpr std::size_t encrypted_bytes = 8UL * 1024;  // read at once
constexpr std::size_t due_bytes_max = 16UL * 1024;   // that a peer may make us owe it without asking for anything

std::chrono::milliseconds ms(std::uint32_t count) { return std::chrono::milliseconds(count); }

}  // namespace

Connection::Connection(Loop& loop, Socket socket, std::string address)
    : loop_(loop),
      socket_(std::move(socket)),
      address_(std::move(address)),
      reader_(loop.shared().reader),
      charge_(loop.shared().request_bytes) {
  if (!loop_.shared().certificates) return;
  tls_ = loop_.shared().certificates->session();
  phase_ = Phase::shaking_hands;
}

void Connection::start() {
  set_deadline(tls_ ? limits().handshake_ms_max : limits().header_ms_max);
  drive();
}

void Connection::drive() {
  if (driving_) return;
  driving_ = true;
  while (step()) {
  }
  driving_ = false;
}

// One step on; false where something must be waited for.
bool Connection::step() {
  switch (phase_) {
    case Phase::shaking_hands:
      return shake_hands();
    case Phase::reading:
      return read();
    case Phase::handling:
      return answer_.has_value() && begin_answer();
    case Phase::pulling:
      return piece_.has_value() && continue_stream();
    case Phase::writing:
      return write();
    case Phase::written:
      return after_write();
    case Phase::lingering:
    case Phase::closed:
      return false;
  }
  return false;
}

// ---- The way in ----------------------------------------------------------------------------------------------------------

bool Connection::shake_hands() {
  if (waiting_) return false;
  const auto progress = tls_->shake_hands();
  if (progress == TlsSession::Progress::failed) {
    write_now({});  // why, where the peer still listens
    abort();
    return false;
  }
  const bool is_done = progress == TlsSession::Progress::done;
  if (tls_->due_bytes() > 0) {
    begin_write(is_done ? Phase::reading : Phase::shaking_hands);
  } else if (is_done) {
    phase_ = Phase::reading;
  } else {
    receive();
    return false;
  }
  if (is_done) set_deadline(limits().header_ms_max);
  return true;
}

bool Connection::read() {
  if (waiting_ || paused_) return false;
  while (true) {
    switch (reader_.advance()) {
      case Reader::Event::header:
        if (!begin_body()) return false;
        if (reader_.streams() && !begin_upload()) return true;
        break;
      case Reader::Event::request:
        if (upload_) {
          pass_on();
          end_upload();
          return true;
        }
        return charge_.grow_to(reader_.held_bytes()) ? begin_call() : refuse(problems::busy);
      case Reader::Event::refused:
        return refuse(*reader_.refusal().problem, reader_.refusal().detail);
      case Reader::Event::need_more:
        if (upload_ && !pass_on()) return false;
        if (!charge_.grow_to(reader_.held_bytes())) return refuse(problems::busy);
        if (tls_ && decrypt()) break;
        if (phase_ == Phase::reading) read_more();
        return false;
    }
  }
}

// What came before and is not decrypted yet. False: there is nothing, or the connection has ended.
bool Connection::decrypt() {
  std::size_t count = 0;
  const auto progress = tls_->read(reader_.space(), count);
  if (progress == TlsSession::Progress::failed || tls_->due_bytes() > due_bytes_max) {
    write_now({});
    abort();
    return false;
  }
  if (count > 0) reader_.filled(count);
  return count > 0;
}

void Connection::read_more() {
  if (!timed_ && !in_body_ && !reader_.is_fresh()) {
    timed_ = true;
    set_deadline(limits().header_ms_max);
  }
  if (tls_) return receive();
  const std::span<char> space = reader_.space();
  waiting_ = true;
  socket_.async_read_some(net::buffer(space.data(), space.size()),
                          [self = shared_from_this()](const error_code& error, std::size_t bytes) {
                            self->waiting_ = false;
                            if (self->phase_ == Phase::closed) return;
                            if (error) return self->abort();
                            if (self->phase_ == Phase::lingering) return self->discard();
                            self->reader_.filled(bytes);
                            self->drive();
                          });
}

void Connection::receive() {
  in_.resize(encrypted_bytes);
  waiting_ = true;
  socket_.async_read_some(net::buffer(in_), [self = shared_from_this()](const error_code& error, std::size_t bytes) {
    self->waiting_ = false;
    if (self->phase_ == Phase::closed) return;
    if (error) return self->abort();
    if (self->phase_ == Phase::lingering) return self->discard();
    self->tls_->feed({self->in_.data(), bytes});
    self->drive();
  });
}

bool Connection::begin_body() {
  in_body_ = true;
  body_since_ = loop_.now();
  if (!reader_.expects_continue()) return true;
  if (write_now(continue_line)) return true;
  abort();
  return false;
}

// The call begins now, and gets the body as it comes.
bool Connection::begin_upload() {
  Charge charge(loop_.shared().request_bytes);
  if (!charge.grow_to(BodyPipe::bytes_max)) return !refuse(problems::busy);
  ++number_;
  const auto drained = [mailbox = loop_.mailbox(), to = weak_from_this(), number = number_] {
    mailbox->post({.to = to, .number = number, .drained = true});
  };
  upload_ = std::make_shared<BodyPipe>(std::move(charge), drained);
  Request to_handle = request();
  to_handle.stream = [pipe = upload_](std::span<std::byte> out) { return pipe->pull(out); };
  hand_over(std::move(to_handle));
  return phase_ == Phase::reading;
}

// False: it is enough for now.
bool Connection::pass_on() {
  if (upload_->push(reader_.take_body())) return true;
  paused_ = true;
  paused_since_ = loop_.now();
  set_deadline(limits().pause_ms_max);
  return false;
}

// The body is here; what is left to do is the operation's.
void Connection::end_upload() {
  std::exchange(upload_, nullptr)->finish();
  in_body_ = false;
  paused_ = false;
  phase_ = Phase::handling;
  set_deadline(limits().handler_ms_max);
}

// ---- The call ------------------------------------------------------------------------------------------------------------

bool Connection::begin_call() {
  in_body_ = false;
  phase_ = Phase::handling;
  ++number_;
  set_deadline(limits().handler_ms_max);
  Request to_handle = request();
  to_handle.body = std::move(reader_.body());
  hand_over(std::move(to_handle));
  return true;
}

Request Connection::request() {
  const Head& head = reader_.head();
  head_only_ = head.method == "HEAD";
  ++requests_;
  Request request{.method = head.method, .target = head.target, .fields = head.fields, .address = address_};
  if (loop_.shared().options.proxies.trusts(address_)) {
    client_ = loop_.shared().options.proxies.client(address_, head.fields);
    request.address = client_;
  }
  return request;
}

void Connection::hand_over(Request request) {
  loop_.shared().router.handle(
      std::move(request), [mailbox = loop_.mailbox(), to = weak_from_this(), number = number_](Answer answer) {
        Letter letter{.to = to, .number = number, .answer = std::move(answer)};
        const Loop* here = Loop::here();
        if (here == nullptr || here->mailbox() != mailbox || ServingThreads::at_work())  // others wait for its batch
          return mailbox->post(std::move(letter));
        if (const auto self = to.lock()) self->take(std::move(letter));
      });
}

void Connection::take(Letter letter) {
  if (letter.number != number_) return;
  if (letter.drained) {
    if (!std::exchange(paused_, false)) return;
    body_since_ += loop_.now() - paused_since_;
  } else if (phase_ == Phase::reading && upload_ && letter.answer) {
    // The answer does not wait for the rest of the body, and is the last on this connection.
    answer_ = std::move(letter.answer);
    closing_ = true;
    finishing_ = true;
    end_upload();
  } else if (phase_ == Phase::handling && letter.answer) {
    answer_ = std::move(letter.answer);
  } else if (phase_ == Phase::pulling && letter.piece) {
    piece_ = std::move(letter.piece);
  } else {
    return;
  }
  drive();
}

// ---- The way out ---------------------------------------------------------------------------------------------------------

bool Connection::begin_answer() {
  Response response = std::move(*answer_).render();
  answer_.reset();
  closing_ = response.close || finishing_ || !reader_.keep_alive() || requests_ >= limits().requests_per_connection_max;
  if (response.stream && !head_only_) return begin_stream(std::move(response));
  if (response.stream) loop_.shared().puller.drop(std::make_shared<Stream>(std::exchange(*response.stream, Stream{})));
  answer_with(response, head_only_ ? Framing::head : Framing::whole);
  return true;
}

bool Connection::begin_stream(Response response) {
  stream_ = std::make_shared<Stream>(std::exchange(*response.stream, Stream{}));
  stream_head_ = std::move(response);
  pull();
  return false;
}

void Connection::pull() {
  phase_ = Phase::pulling;
  set_deadline(limits().stream_ms_max);
  loop_.shared().puller.pull(stream_, loop_.mailbox(), {.to = weak_from_this(), .number = number_});
}

bool Connection::continue_stream() {
  const Piece piece = std::move(*piece_);
  piece_.reset();
  if (piece.error && !stream_head_) {  // nothing but the missing end can say now that the answer is not whole
    abort();
    return false;
  }
  if (stream_head_) {
    const Response head = std::move(*stream_head_);
    stream_head_.reset();
    answer_with(piece.error ? respond(*piece.error, head.request_id) : head,
                piece.error ? Framing::whole : Framing::chunked);
  } else {
    begin_write(Phase::written);
  }
  if (piece.error || piece.is_last) drop_stream();
  if (!piece.error) piece.is_last ? void(out_.append(last_chunk)) : write_chunk(piece.bytes, out_);
  return true;
}

void Connection::drop_stream() {
  if (stream_) loop_.shared().puller.drop(std::exchange(stream_, nullptr));
}

// The connection ends with this answer.
bool Connection::refuse(const Problem& problem, std::string_view detail) {
  closing_ = true;
  break_off_upload();
  Response response = loop_.shared().router.refuse(problem, detail);
  if (problem.status == 503) response.add("Retry-After", "1");
  answer_with(response, reader_.head().method == "HEAD" ? Framing::head : Framing::whole);
  return true;
}

void Connection::answer_with(const Response& response, Framing framing) {
  begin_write(Phase::written);
  write_response(response, {.fixed = loop_.shared().fixed, .date = loop_.date(), .framing = framing, .close = closing_},
                 out_);
}

// Most answers fit into the socket at once; then nothing is waited for.
void Connection::begin_write(Phase then) {
  out_.clear();
  sent_ = 0;
  phase_ = Phase::writing;
  then_ = then;
  plain_ = tls_ != nullptr;
}

bool Connection::encrypt() {
  plain_ = false;
  std::string records;
  if (!tls_->write(out_, records)) return false;
  out_.swap(records);
  return true;
}

// What is short, or of use only now.
bool Connection::write_now(std::string_view bytes) {
  std::string records;
  if (tls_ && !tls_->write(bytes, records)) return false;
  const std::string_view all = tls_ ? std::string_view(records) : bytes;
  error_code error;
  return socket_.write_some(net::buffer(all), error) == all.size();
}

bool Connection::write() {
  if (sending_) return false;
  if (plain_ && !encrypt()) {
    abort();
    return false;
  }
  error_code error;
  sent_ += socket_.write_some(net::buffer(out_.data() + sent_, out_.size() - sent_), error);
  if (sent_ == out_.size()) {
    phase_ = then_;
    return true;
  }
  if (error && error != net::error::would_block) {
    abort();
    return false;
  }
  sending_ = true;
  if (then_ == Phase::written) set_deadline(limits().write_ms_max);  // a handshake's time is running already
  net::async_write(socket_, net::buffer(out_.data() + sent_, out_.size() - sent_),
                   [self = shared_from_this()](const error_code& failure, std::size_t) {
                     self->sending_ = false;
                     if (self->phase_ == Phase::closed) return;
                     if (failure) return self->abort();
                     self->phase_ = self->then_;
                     self->drive();
                   });
  return false;
}

bool Connection::after_write() {
  charge_.end();
  if (stream_) {
    pull();
    return false;
  }
  if (closing_) {
    linger();
    return false;
  }
  reader_.next_request();
  phase_ = Phase::reading;
  timed_ = false;
  set_deadline(limits().idle_ms_max);
  return true;
}

// ---- The end -------------------------------------------------------------------------------------------------------------

// Closing with bytes unread would send a reset, which can overtake the answer: so the client closes first, or time does.
void Connection::linger() {
  phase_ = Phase::lingering;
  error_code error;
  if (tls_) {
    std::string good_bye;
    tls_->end(good_bye);
    socket_.write_some(net::buffer(good_bye), error);
  }
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) return abort();
  set_deadline(limits().linger_ms_max);
  if (!waiting_) discard();
}

void Connection::discard() {
  out_.resize(4 * 1024UL);
  waiting_ = true;
  socket_.async_read_some(net::buffer(out_.data(), out_.size()),
                          [self = shared_from_this()](const error_code& error, std::size_t) {
                            self->waiting_ = false;
                            if (self->phase_ == Phase::closed) return;
                            if (error) return self->abort();
                            self->discard();
                          });
}

void Connection::finish() {
  finishing_ = true;
  closing_ = true;
  if (phase_ == Phase::shaking_hands || (phase_ == Phase::reading && reader_.is_fresh())) abort();
}

// What reads the body is told that it will not be whole; its answer is for nobody.
void Connection::break_off_upload() {
  if (!upload_) return;
  std::exchange(upload_, nullptr)->break_off();
  paused_ = false;
  ++number_;
}

void Connection::abort() {
  if (phase_ == Phase::closed) return;
  const auto self = shared_from_this();
  phase_ = Phase::closed;
  ++number_;  // letters on their way are for nobody
  error_code error;
  socket_.close(error);
  drop_stream();
  break_off_upload();
  charge_.end();
  loop_.remove(*this);
}

// ---- Time ----------------------------------------------------------------------------------------------------------------

// The loop's time is that of its last tick: a tick more, and no wait is cut short.
void Connection::set_deadline(std::uint32_t count) { deadline_ = loop_.now() + ms(count) + ms(limits().tick_ms); }

bool Connection::is_slow() const {
  const auto elapsed = loop_.now() - body_since_;
  const std::uint32_t bytes_per_s = upload_ ? limits().upload_bytes_per_s_min : limits().body_bytes_per_s_min;
  if (!upload_ && elapsed > ms(limits().body_ms_max)) return true;
  const auto counted =
      std::chrono::duration_cast<std::chrono::milliseconds>(elapsed - ms(limits().body_grace_ms)).count();
  return counted > 0 && reader_.body_bytes() * 1000 < static_cast<std::uint64_t>(counted) * bytes_per_s;
}

void Connection::tick() {
  const bool reads_body = phase_ == Phase::reading && in_body_ && !paused_;  // it waits for us else
  if (reads_body ? is_slow() : loop_.now() > deadline_) overdue();
}

void Connection::overdue() {
  if (phase_ == Phase::handling) {
    ++number_;  // its answer comes too late
    refuse(problems::late);
  } else if (paused_) {
    refuse(problems::busy);  // nobody reads on
  } else if (phase_ == Phase::reading && !reader_.is_fresh()) {
    refuse(problems::timeout);
  } else {
    return abort();
  }
  drive();
}

}  // namespace medflow::http
