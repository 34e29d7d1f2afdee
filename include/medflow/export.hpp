// How names leave the library: everything is hidden but what is marked here. And where they live: in an inline namespace of
// the major version.
#pragma once

#if defined(__GNUC__) || defined(__clang__)
#define MEDFLOW_API __attribute__((visibility("default")))
#else
#define MEDFLOW_API
#endif

// Declared before anything else, so that `namespace medflow::patients` means the same one in every file.
namespace medflow::inline v1 {
namespace audit {}
namespace auth {}
namespace facilities {}
namespace imports {}
namespace patients {}
namespace platforms {}
namespace profile {}
namespace roles {}
namespace settings {}
namespace storage {}
namespace tenants {}
namespace users {}
}  // namespace medflow::inline v1
