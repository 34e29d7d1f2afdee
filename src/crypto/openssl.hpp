// What the sources that call OpenSSL share; used inside src/crypto only.
#pragma once

#include "medflow/error.hpp"

namespace medflow::crypto::core {

/// The deleter of a unique_ptr to one of OpenSSL's objects.
template <auto free_it>
struct Free {
  template <class T>
  void operator()(T* it) const {
    free_it(it);
  }
};

/// For what fails only where memory or the provider is missing.
inline void must(bool worked) {
  if (!worked) throw Failure{medflow::codes::internal, "OpenSSL fails"};
}

}  // namespace medflow::crypto::core
