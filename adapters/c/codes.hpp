// Codes of the C ABI alone, with what the catalogue of errors says of them.
#pragma once

#include "medflow/codes.hpp"

namespace medflow::c::codes {

inline constexpr Code handle_invalid{"handle.invalid", Errc::invalid,
                                     "This handle was never given, was released, or is of another kind."};
inline constexpr Code handle_busy{"handle.busy", Errc::conflict,
                                  "This handle is in use by a call that has not returned."};
inline constexpr Code handles_full{"handle.none_left", Errc::unavailable, "Too many handles are open: release some."};
inline constexpr Code content_broken{"content.broken_off", Errc::malformed, "The content broke off before its end."};
inline constexpr Code not_a_stream{"operation.no_stream", Errc::invalid, "The answer of this operation is no stream."};

inline constexpr CodeRow all[] = {
    {content_broken, "The callback that gives the content reported a failure.", "Send the content again, whole."},
    {handle_busy, "A callback used its own platform, a key function used any, or two threads share a stream.",
     "Wait for the call that has the handle."},
    {handle_invalid, "The number is no handle, or its object was released.",
     "Use what medflow_open, medflow_visit and their like gave."},
    {handles_full, "More handles were opened than released.", "Release what is no longer used."},
    {not_a_stream, "A stream was asked for, and the operation answers a value.", "Use medflow_call."},
};

}  // namespace medflow::c::codes
