#include "adapters/c/medflow.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "adapters/c/answers.hpp"
#include "adapters/c/arguments.hpp"
#include "adapters/c/handles.hpp"
#include "adapters/json/codec.hpp"
#include "adapters/json/writer.hpp"
#include "medflow/operations.hpp"
#include "medflow/platform.hpp"
#include "medflow/ports.hpp"

namespace medflow::c {
namespace {

// Every function is in medflow.h; the numbers of errors are those of Errc, one by one.
static_assert(
    MEDFLOW_INVALID == static_cast<int>(Errc::invalid) && MEDFLOW_MALFORMED == static_cast<int>(Errc::malformed) &&
    MEDFLOW_UNAUTHENTICATED == static_cast<int>(Errc::unauthenticated) &&
    MEDFLOW_FORBIDDEN == static_cast<int>(Errc::forbidden) && MEDFLOW_NOT_FOUND == static_cast<int>(Errc::not_found) &&
    MEDFLOW_CONFLICT == static_cast<int>(Errc::conflict) &&
    MEDFLOW_PRECONDITION_FAILED == static_cast<int>(Errc::precondition_failed) &&
    MEDFLOW_PRECONDITION_REQUIRED == static_cast<int>(Errc::precondition_required) &&
    MEDFLOW_TOO_LARGE == static_cast<int>(Errc::too_large) &&
    MEDFLOW_UNSUPPORTED_MEDIA == static_cast<int>(Errc::unsupported_media) &&
    MEDFLOW_LOCKED == static_cast<int>(Errc::locked) && MEDFLOW_RATE_LIMITED == static_cast<int>(Errc::rate_limited) &&
    MEDFLOW_GONE == static_cast<int>(Errc::gone) && MEDFLOW_INTEGRITY == static_cast<int>(Errc::integrity) &&
    MEDFLOW_UNAVAILABLE == static_cast<int>(Errc::unavailable) && MEDFLOW_INTERNAL == static_cast<int>(Errc::internal));

constexpr std::size_t stream_bytes_max = std::size_t{64} << 20U;

/// A pointer that may not be NULL.
void need(const void* pointer, std::string_view name) {
  if (pointer == nullptr)
    throw Failure(medflow::codes::invalid, "/" + std::string(name), "required", "Must not be NULL.");
}

template <class T>
T taken(Result<T> result) {
  if (!result.ok()) throw Failure(result.error());
  return std::move(result).value();
}

std::string_view secret_argument(const void* bytes, std::size_t size) {
  need(bytes, "passphrase");
  return {static_cast<const char*>(bytes), size};
}

/// Functions that open a platform, with options by `make()`.
template <class Make>
int open_platform(medflow_handle* platform, char** out, const Make& make) noexcept {
  if (platform != nullptr) *platform = 0;
  return done_with(out, [&] {
    need(platform, "platform");
    auto object = std::make_shared<Object>();
    object->home = std::make_shared<Home>(Home{.platform = taken(Platform::open(make()))});
    *platform = Handles::all().add(std::move(object));
  });
}

/// Functions that make a session of a platform, by `make(platform)`.
template <class Make>
int open_session(medflow_handle platform, medflow_handle* session, char** out, const Make& make) noexcept {
  if (session != nullptr) *session = 0;
  return done_with(out, [&] {
    need(session, "session");
    const auto owner = Handles::all().get(platform, HandleKind::platform);
    auto object = std::make_shared<Object>();
    object->kind = HandleKind::session;
    object->home = owner->home;
    object->session = make(owner->home->platform);
    *session = Handles::all().add(std::move(object));
  });
}

std::string whole(const Stream& stream) {
  auto bytes = Content{.pull = stream.pull}.read_all(stream_bytes_max);
  if (bytes.ok()) return std::move(bytes).value();
  Error error = bytes.error();
  if (error.code == medflow::codes::too_large) error.detail = "Read it piece by piece: medflow_stream.";
  throw Failure(std::move(error));
}

void write_output(const OperationRow& row, Reply& reply, std::string& answer) {
  if (row.shape == Shape::stream) {
    answer = whole(*static_cast<const Stream*>(reply.output.data()));
  } else if (row.operation->status != 204 && !row.output->fields.empty()) {
    json::encode(*row.output, reply.output.data(), answer);
  }
}

/// Visible ASCII; that there is none is said by NULL, not by a text of no characters.
std::string_view key_argument(const char* idempotency_key) {
  const std::string_view key = text_argument(idempotency_key, "idempotency_key", 255);
  if (key.empty()) throw Failure(medflow::codes::invalid, "/idempotency_key", "required", "Must not be empty.");
  return key;
}

CallContext context_of(Object& session) {
  const std::scoped_lock lock(session.mutex);
  return session.caller;
}

/// Functions that run an operation; where there is content, it is `content(home)`.
template <class MakeContent>
int run(medflow_handle session, const char* operation, const char* request, char** out, const MakeContent& content,
        const char* idempotency_key = nullptr) noexcept {
  return answer_with(out, [&](std::string& answer) {
    const auto object = Handles::all().get(session, HandleKind::session);
    const OperationRow& row = operation_argument(operation);
    constexpr bool with_content = !std::is_same_v<MakeContent, std::nullptr_t>;
    Value value = request_argument(row, request, with_content);
    if constexpr (with_content) *static_cast<Content*>(row.content->at(value.data())) = content(*object->home);
    CallContext context = context_of(*object);
    if (idempotency_key != nullptr) context.idempotency_key = key_argument(idempotency_key);
    Reply reply = taken(object->session->call(row, std::move(value), context));
    write_output(row, reply, answer);
  });
}

std::string media_type_of(const char* media_type) {
  return media_type == nullptr ? std::string() : std::string(text_argument(media_type, "media_type", 255));
}

Pull pull_from(const Home& home, medflow_read_fn read, void* state) {
  return [&home, read, state](std::span<std::byte> to) -> Result<std::size_t> {
    const InCallback inside(&home);
    const std::ptrdiff_t count = read(state, to.data(), to.size());
    if (count < 0 || static_cast<std::size_t>(count) > to.size()) return Error{.code = codes::content_broken};
    return static_cast<std::size_t>(count);
  };
}

/// From the caller's memory, which stays until the call has returned.
Pull pull_from(std::span<const std::byte> bytes) {
  return [bytes](std::span<std::byte> to) mutable -> Result<std::size_t> {
    const std::size_t count = std::min(bytes.size(), to.size());
    if (count != 0) std::memcpy(to.data(), bytes.data(), count);
    bytes = bytes.subspan(count);
    return count;
  };
}

std::string_view word(Method method) {
  static constexpr std::string_view words[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
  return words[static_cast<std::size_t>(method)];
}

std::string_view word(Realm realm) {
  static constexpr std::string_view words[] = {"tenant", "platform", "any"};
  return words[static_cast<std::size_t>(realm)];
}

std::string_view word(Shape shape) {
  static constexpr std::string_view words[] = {"value", "page", "stream", "job"};
  return words[static_cast<std::size_t>(shape)];
}

void write_row(json::Writer& to, const OperationRow& row) {
  const Operation& operation = *row.operation;
  const auto member = [&](std::string_view name, std::string_view text, bool first = false) {
    to.member(name, first);
    to.text(text);
  };
  to.raw('{');
  member("name", operation.name, true);
  member("summary", operation.summary);
  member("method", word(operation.method));
  member("path", operation.path);
  member("realm", word(operation.realm));
  member("effect", operation.effect == Effect::read ? "read" : "write");
  member("permission", permission_name(operation.permission));
  member("shape", word(row.shape));
  to.member("content", false);
  to.raw(row.content != nullptr ? std::string_view("true") : std::string_view("false"));
  to.raw('}');
}

/// Holds a stream for one reader; `handle.busy` where it has one.
class Reading {
 public:
  explicit Reading(Object& stream) : stream_(stream) {
    if (stream_.reading.test_and_set(std::memory_order_acquire)) throw Failure(codes::handle_busy);
  }
  ~Reading() { stream_.reading.clear(std::memory_order_release); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  Object& stream_;
};

}  // namespace
}  // namespace medflow::c

using namespace medflow;
using namespace medflow::c;

extern "C" {

const char* medflow_version(void) { return medflow::version().data(); }

int medflow_operations(char** out) {
  return answer_with(out, [](std::string& answer) {
    json::Writer to(answer);
    to.raw('[');
    for (const OperationRow& row : operations()) {
      if (row.index != 0) to.raw(',');
      write_row(to, row);
    }
    to.raw(']');
  });
}

int medflow_make_root_key(const char* path, char** out) {
  return done_with(out, [&] { create_root_key_file(std::string(text_argument(path, "path")), *system_rng()); });
}

int medflow_make_passphrase_key(const char* path, const void* passphrase, size_t passphrase_bytes, char** out) {
  return done_with(out, [&] {
    create_passphrase_root_key_file(std::string(text_argument(path, "path")),
                                    secret_argument(passphrase, passphrase_bytes), *system_rng());
  });
}

int medflow_open(const char* options, const void* root_key, size_t root_key_bytes, medflow_handle* platform,
                 char** out) {
  return open_platform(platform, out, [&] { return options_argument(options, root_key, root_key_bytes); });
}

int medflow_open_passphrase(const char* options, const void* passphrase, size_t passphrase_bytes,
                            medflow_handle* platform, char** out) {
  return open_platform(platform, out,
                       [&] { return options_argument(options, secret_argument(passphrase, passphrase_bytes)); });
}

int medflow_open_functions(const char* options, medflow_current_key_fn current, medflow_wrap_key_fn wrap,
                           medflow_unwrap_key_fn unwrap, void* state, medflow_handle* platform, char** out) {
  return open_platform(platform, out, [&] {
    return options_argument(options, KeyFunctions{.current = current, .wrap = wrap, .unwrap = unwrap, .state = state});
  });
}

int medflow_tick(medflow_handle platform, char** out) {
  return answer_with(out, [&](std::string& answer) {
    const auto object = Handles::all().get(platform, HandleKind::platform);
    json::Writer to(answer);
    to.raw('[');
    for (const BackgroundTrouble& trouble : object->home->platform.tick(system_clock()->now())) {
      if (answer.size() > 1) to.raw(',');
      to.raw('{');
      to.member("task", true);
      to.text(trouble.task);
      to.member("tenant", false);
      to.text(trouble.tenant);
      to.member("code", false);
      to.text(trouble.error.code.name);
      to.raw('}');
    }
    to.raw(']');
  });
}

int medflow_visit(medflow_handle platform, const char* tenant, medflow_handle* session, char** out) {
  return open_session(platform, session, out,
                      [&](const Platform& in) { return in.visit(text_argument(tenant, "tenant")); });
}

int medflow_authenticate(medflow_handle platform, const char* access_token, medflow_handle* session, char** out) {
  return open_session(platform, session, out, [&](const Platform& in) {
    return taken(in.authenticate(text_argument(access_token, "access_token")));
  });
}

int medflow_identify(medflow_handle platform, const char* tenant, const char* principal, medflow_handle* session,
                     char** out) {
  return open_session(platform, session, out, [&](const Platform& in) {
    const std::string_view slug = text_argument(tenant, "tenant");
    return taken(in.session(slug, principal_argument(principal)));
  });
}

int medflow_operator(medflow_handle platform, const char* label, medflow_handle* session, char** out) {
  return open_session(platform, session, out, [&](const Platform& in) {
    const std::string_view name = text_argument(label, "label", 60);
    for (const char c : name)
      if (c <= ' ' || c > '~')
        throw Failure(medflow::codes::invalid, "/label", "format.ascii", "Visible ASCII without spaces.");
    if (name.empty()) throw Failure(medflow::codes::invalid, "/label", "required", "Must not be empty.");
    return in.local_operator(name);
  });
}

int medflow_caller(medflow_handle session, const char* address, const char* user_agent, const char* request_id,
                   char** out) {
  return done_with(out, [&] {
    const auto object = Handles::all().get(session, HandleKind::session);
    CallContext caller = caller_argument(address, user_agent, request_id);
    const std::scoped_lock lock(object->mutex);
    object->caller = std::move(caller);
  });
}

int medflow_call(medflow_handle session, const char* operation, const char* request, char** out) {
  return run(session, operation, request, out, nullptr);
}

int medflow_call_keyed(medflow_handle session, const char* operation, const char* request, const char* idempotency_key,
                       char** out) {
  return run(session, operation, request, out, nullptr, idempotency_key);
}

int medflow_call_content(medflow_handle session, const char* operation, const char* request, const char* media_type,
                         const void* content, size_t content_bytes, char** out) {
  return run(session, operation, request, out, [&](const Home&) {
    if (content_bytes != 0) need(content, "content");
    return Content{.media_type = media_type_of(media_type),
                   .size_bytes = content_bytes,
                   .pull = pull_from(std::span(static_cast<const std::byte*>(content), content_bytes))};
  });
}

int medflow_call_reader(medflow_handle session, const char* operation, const char* request, const char* media_type,
                        medflow_read_fn read, void* state, char** out) {
  return run(session, operation, request, out, [&](const Home& home) {
    if (read == nullptr) need(nullptr, "read");
    return Content{.media_type = media_type_of(media_type), .pull = pull_from(home, read, state)};
  });
}

int medflow_stream(medflow_handle session, const char* operation, const char* request, medflow_handle* stream,
                   char** out) {
  if (stream != nullptr) *stream = 0;
  return answer_with(out, [&](std::string& answer) {
    need(stream, "stream");
    const auto caller = Handles::all().get(session, HandleKind::session);
    const OperationRow& row = operation_argument(operation);
    if (row.shape != Shape::stream) throw Failure(medflow::c::codes::not_a_stream);
    Reply reply = taken(caller->session->call(row, request_argument(row, request), context_of(*caller)));
    auto object = std::make_shared<Object>();
    object->kind = HandleKind::stream;
    object->home = caller->home;
    object->stream = std::move(*static_cast<Stream*>(reply.output.data()));
    json::Writer to(answer);
    to.raw('{');
    to.member("media_type", true);
    to.text(object->stream.media_type);
    to.member("file_name", false);
    to.text(object->stream.file_name);
    to.raw('}');
    *stream = Handles::all().add(std::move(object));
  });
}

int medflow_stream_read(medflow_handle stream, void* buffer, size_t capacity, size_t* count, char** out) {
  if (count != nullptr) *count = 0;
  return done_with(out, [&] {
    const auto object = Handles::all().get(stream, HandleKind::stream);
    need(count, "count");
    need(buffer, "buffer");
    if (capacity == 0) throw Failure(medflow::codes::invalid, "/capacity", "number.out_of_range", "At least 1.");
    const Reading reading(*object);
    *count = taken(object->stream.pull(std::span(static_cast<std::byte*>(buffer), capacity)));
  });
}

int medflow_release(medflow_handle handle) {
  return done_with(nullptr, [&] { Handles::all().release(handle); });
}

size_t medflow_size(const char* out) { return size_of(out); }

void medflow_free(char* out) { wipe_and_free(out); }

}  // extern "C"
