// What comes in through the C ABI: texts, a platform's options and a host's principal, checked before they are used.
#pragma once

#include <cstddef>
#include <string_view>

#include "adapters/c/medflow.h"
#include "medflow/operation.hpp"
#include "medflow/platform.hpp"
#include "medflow/session.hpp"

namespace medflow::c {

/// A text of at most `bytes_max` bytes; no byte beyond them is read. `name` is the parameter's, for the error. Throws Failure
/// `invalid` (`required`, `text.too_long`) or `text.invalid_utf8`.
std::string_view text_argument(const char* text, std::string_view name, std::size_t bytes_max = 4096);

/// A JSON text, `{}` where it is NULL; it is cut off one byte behind the limit, so that the codec says `too_large`.
std::string_view json_argument(const char* text);

/// The operation of this name. Throws Failure `operation.unknown`.
const OperationRow& operation_argument(const char* name);

/// A request of this operation, read from JSON; its content comes otherwise where `with_content`. Throws Failure, which is `invalid`
/// where the operation takes no content.
Value request_argument(const OperationRow& row, const char* json, bool with_content = false);

/// The functions of a host that keeps the root key, with what each of them is given.
struct KeyFunctions {
  medflow_current_key_fn current = nullptr;
  medflow_wrap_key_fn wrap = nullptr;
  medflow_unwrap_key_fn unwrap = nullptr;
  void* state = nullptr;
};

/// The options of `medflow_open`, with the engine open. Throws Failure or what opening an engine throws.
PlatformOptions options_argument(const char* json, const void* root_key, std::size_t root_key_bytes);
/// Those of `medflow_open_passphrase`.
PlatformOptions options_argument(const char* json, std::string_view passphrase);
/// Those of `medflow_open_functions`.
PlatformOptions options_argument(const char* json, const KeyFunctions& functions);

/// The principal of `medflow_identify`. Throws Failure.
Principal principal_argument(const char* json);

/// For whom the calls of a session are made, of `medflow_caller`. Throws Failure.
CallContext caller_argument(const char* address, const char* user_agent, const char* request_id);

}  // namespace medflow::c
