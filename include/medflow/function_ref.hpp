// A callable that is borrowed for the length of one call; it owns nothing.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

#include "medflow/export.hpp"

namespace medflow::inline v1 {

template <class Signature>
class FunctionRef;

/// Refers to a callable for as long as the call it is passed to lasts. Never store one.
template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  // clang-format off
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& callable) noexcept  // NOLINT(google-explicit-constructor): made to be passed in place
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, Args... args) -> R {
          return (*static_cast<std::remove_reference_t<F>*>(object))(std::forward<Args>(args)...);
        }) {}
  // clang-format on

  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  void* object_;
  R (*call_)(void*, Args...);
};

}  // namespace medflow::inline v1
