#include <array>

#include "kernel/handler.hpp"
#include "medflow/operations.hpp"

#ifdef __clang__
#pragma clang diagnostic ignored "-Wundefined-var-template"  // MEDFLOW_HANDLE defines each beside its handler
#endif

namespace medflow::kernel {
namespace {

template <class... Ops>
std::array<const Handler*, sizeof...(Ops)> handlers_of(const OperationList<Ops...>*) {
  return {&HandlerOf<Ops>::value...};
}

}  // namespace

const Handler& handler_at(std::size_t index) {
  static const auto handlers = handlers_of(static_cast<const Operations*>(nullptr));
  return *handlers[index];
}

}  // namespace medflow::kernel
