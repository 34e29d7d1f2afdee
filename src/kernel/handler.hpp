// How an operation type meets its handler: `Output handle(Work&, const Op&)` in the operation's namespace, and one line,
// MEDFLOW_HANDLE(Op), that enters it. An operation of the list without that line does not link. `foresee(Work&, storage::Foresight&,
// const Op&)` beside it names what the handler is going to read, for an engine whose server is a journey away.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>

namespace medflow::inline v1::storage {
class Foresight;
}

namespace medflow::kernel {

class Work;
class Outside;
class Store;

/// What keeps a thread for longer than reading does, and so is prepared where it keeps nobody else waiting.
enum class Slow : std::uint8_t {
  no,
  password,   ///< it hashes one: as many at once as there are cores
  long_work,  ///< seconds or more: one of a tenant at a time
};

/// One handler, erased. `foresee` and `prepare` may be null; so may `prepares_quickly`, where it never does.
struct Handler {
  void (*foresee)(Work&, storage::Foresight&, const void* request) = nullptr;
  std::shared_ptr<void> (*prepare)(Outside&, const void* request) = nullptr;
  bool (*prepares_quickly)(const Store&, const void* request) = nullptr;
  void (*handle)(Work&, const void* request, const void* prepared, void* output) = nullptr;
  Slow slow = Slow::no;
};

template <class Op>
struct HandlerOf {
  static const Handler value;
};

template <class Op>
concept Prepared = requires(Outside& outside, const Op& op) {
  prepare(outside, op);
};

/// `bool prepares_quickly(const Store&, const Op&)`: whether `prepare` would neither read nor compute much as things are, so that a thread
/// which must not block may run it.
template <class Op>
concept QuicklyPrepared = requires(const Store& store, const Op& op) {
  prepares_quickly(store, op);
};

/// `constexpr Slow slow(const Op*)` beside `prepare` says that it is.
template <class Op>
concept SlowlyPrepared = requires(const Op* op) {
  slow(op);
};

template <class Op>
concept Foreseen = requires(Work& work, storage::Foresight& foresight, const Op& op) {
  foresee(work, foresight, op);
};

template <class Op>
constexpr Handler make_handler() {
  Handler handler;
  if constexpr (Foreseen<Op>) {
    handler.foresee = [](Work& work, storage::Foresight& foresight, const void* request) {
      foresee(work, foresight, *static_cast<const Op*>(request));
    };
  }
  if constexpr (Prepared<Op>) {
    using P = decltype(prepare(std::declval<Outside&>(), std::declval<const Op&>()));
    handler.prepare = [](Outside& outside, const void* request) -> std::shared_ptr<void> {
      return std::make_shared<P>(prepare(outside, *static_cast<const Op*>(request)));
    };
    if constexpr (SlowlyPrepared<Op>) handler.slow = slow(static_cast<const Op*>(nullptr));
    if constexpr (QuicklyPrepared<Op>)
      handler.prepares_quickly = [](const Store& store, const void* request) {
        return prepares_quickly(store, *static_cast<const Op*>(request));
      };
    handler.handle = [](Work& work, const void* request, const void* prepared, void* output) {
      *static_cast<typename Op::Output*>(output) =
          handle(work, *static_cast<const Op*>(request), *static_cast<const P*>(prepared));
    };
  } else {
    handler.handle = [](Work& work, const void* request, const void*, void* output) {
      *static_cast<typename Op::Output*>(output) = handle(work, *static_cast<const Op*>(request));
    };
  }
  return handler;
}

/// The handler of the operation at this position of `operations()`.
const Handler& handler_at(std::size_t index);

}  // namespace medflow::kernel

/// Write it outside all namespaces, after `handle` (and `prepare` and `foresee`): MEDFLOW_HANDLE(medflow::patients::Get).
#define MEDFLOW_HANDLE(Op)                                                           \
  template <>                                                                        \
  constinit const ::medflow::kernel::Handler medflow::kernel::HandlerOf<Op>::value = \
      ::medflow::kernel::make_handler<Op>()
