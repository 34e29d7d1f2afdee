// CAB-2, SEC-5: a host's own root key, a passphrase, and the background work, over the C ABI.
#include <doctest/doctest.h>

#include <cstring>
#include <filesystem>
#include <string>

#include "tests/adapters/c/clinic.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace medflow::testing;

namespace {

/// A key service that "wraps" by an exclusive or, with what it is bound to in front.
struct Service {
  int says = 0;
  int calls = 0;
  medflow_handle calls_back = 0;  ///< the platform that it calls, which it may not
  std::string back{};             ///< what it was told then
};

std::string visit(medflow_handle platform) {
  medflow_handle session = 0;
  const Answer answer = with_out([&](char** out) { return medflow_visit(platform, "saint-mary", &session, out); });
  if (session != 0) medflow_release(session);
  return answer.code();
}

int current(void*, unsigned char id[8]) {
  std::memset(id, 9, 8);
  return 0;
}

ptrdiff_t wrap(void*, const unsigned char*, const void* associated, size_t associated_bytes,
               const unsigned char key[32], void* wrapped, size_t capacity) {
  if (associated_bytes + 32 > capacity) return -1;
  auto* to = static_cast<unsigned char*>(wrapped);
  std::memcpy(to, associated, associated_bytes);
  for (int i = 0; i < 32; ++i) to[associated_bytes + static_cast<size_t>(i)] = key[i] ^ 0x5aU;
  return static_cast<ptrdiff_t>(associated_bytes + 32);
}

int unwrap(void* state, const unsigned char*, const void* associated, size_t associated_bytes, const void* wrapped,
           size_t wrapped_bytes, unsigned char key[32]) {
  auto& service = *static_cast<Service*>(state);
  ++service.calls;
  if (service.calls_back != 0) service.back = visit(service.calls_back);
  if (service.says != 0) return service.says;
  const auto* from = static_cast<const unsigned char*>(wrapped);
  if (wrapped_bytes != associated_bytes + 32 || std::memcmp(from, associated, associated_bytes) != 0) return 1;
  for (int i = 0; i < 32; ++i) key[i] = from[associated_bytes + static_cast<size_t>(i)] ^ 0x5aU;
  return 0;
}

Answer open_with(Service& service, const std::string& options, medflow_handle& platform) {
  return with_out([&](char** out) {
    return medflow_open_functions(options.c_str(), current, wrap, unwrap, &service, &platform, out);
  });
}

std::string options_of(const TemporaryFolder& folder, const std::string& more = {}) {
  return R"({"engine":"sqlite:)" + (folder / "data") + R"(","create":true,"checkpoint_folder":")" +
         (folder / "checkpoints") + "\"" + more + "}";
}

}  // namespace

TEST_CASE(
    "SEC-5: a host in C keeps the root key by three functions; what they say is key.mismatch or key.unavailable") {
  const TemporaryFolder folder;
  Service service;
  medflow_handle platform = 0;
  const auto open = [&](const std::string& options) { return open_with(service, options, platform); };
  must(open(options_of(folder)));
  CHECK(service.calls > 0);
  medflow_handle session = 0;
  must(with_out([&](char** out) { return medflow_operator(platform, "test", &session, out); }));
  must(call(session, "platform.status", "{}"));
  CHECK(must(with_out([&](char** out) { return medflow_tick(platform, out); })).text == "[]");
  CHECK(std::filesystem::exists(folder / "checkpoints/medflow.local.platform.checkpoints"));
  CHECK(with_out([&](char** out) { return medflow_tick(session, out); }).code() == "handle.invalid");
  REQUIRE(medflow_release(platform) == MEDFLOW_OK);

  service.says = 1;
  CHECK(open(options_of(folder)).code() == "key.mismatch");
  service.says = 2;
  CHECK(open(options_of(folder)).code() == "key.unavailable");
  service.says = 0;
  CHECK(open(options_of(folder, R"(,"root_key_file":"/tmp/key")")).code() == "invalid");
  CHECK(open(R"({"engine":"memory:","checkpoint_folder":""})").code() == "invalid");
  must(open(options_of(folder)));
  CHECK(medflow_release(platform) == MEDFLOW_OK);
}

TEST_CASE("CAB-1, SEC-5: a missing key function is named") {
  const auto named = [](medflow_current_key_fn first, medflow_wrap_key_fn second, medflow_unwrap_key_fn third) {
    medflow_handle platform = 0;
    return with_out([&](char** out) {
             return medflow_open_functions(R"({"engine":"memory:","create":true})", first, second, third, nullptr,
                                           &platform, out);
           })
        .member("pointer");
  };
  CHECK(named(nullptr, wrap, unwrap) == "/current");
  CHECK(named(current, nullptr, unwrap) == "/wrap");
  CHECK(named(current, wrap, nullptr) == "/unwrap");
}

TEST_CASE("CAB-1, SEC-5: a key function that calls the library gets handle.busy, and nobody waits for ever") {
  const TemporaryFolder folder;
  Service service;
  medflow_handle platform = 0;
  must(open_with(service, options_of(folder), platform));
  medflow_handle root = 0;
  must(with_out([&](char** out) { return medflow_operator(platform, "test", &root, out); }));
  must(call(root, "tenants.provision",
            R"({"slug":"saint-mary","name":"Saint Mary","default_zone":"Europe/London","currency":"GBP"})"));
  REQUIRE(medflow_release(platform) == MEDFLOW_OK);

  const Clinic other;
  service.calls_back = other.platform;
  must(open_with(service, options_of(folder), platform));
  CHECK(service.back == "handle.busy");  // also of a platform that is not its own

  service.back.clear();
  service.calls_back = platform;
  medflow_handle visitor = 0;
  must(with_out([&](char** out) { return medflow_visit(platform, "saint-mary", &visitor, out); }));
  CHECK(call(visitor, "auth.login", R"({"email":"ada@example.org","password":"not hers"})").code() == "auth.failed");
  CHECK(service.back == "handle.busy");  // the tenant's key was unwrapped on the way
  CHECK(visit(other.platform) == "ok");
  CHECK(medflow_release(platform) == MEDFLOW_OK);
}

TEST_CASE("SEC-5: a root key file under a passphrase is made and opened over the C ABI") {
  const TemporaryFolder folder;
  const std::string path = folder / "root.key";
  const std::string passphrase = "eleven grey herons at dawn";
  const auto make = [&](const std::string& with) {
    return with_out(
        [&](char** out) { return medflow_make_passphrase_key(path.c_str(), with.data(), with.size(), out); });
  };
  CHECK(make("short").code() == "invalid");
  must(make(passphrase));
  CHECK(make(passphrase).code() == "key.exists");
  const std::string options = options_of(folder, R"(,"root_key_file":")" + path + "\"");
  medflow_handle platform = 0;
  const auto open = [&](const std::string& with) {
    return with_out(
        [&](char** out) { return medflow_open_passphrase(options.c_str(), with.data(), with.size(), &platform, out); });
  };
  CHECK(open("twelve grey herons at dawn").code() == "key.mismatch");
  CHECK_FALSE(std::filesystem::exists(folder / "data"));  // a wrong passphrase leaves nothing behind
  must(open(passphrase));
  CHECK(medflow_release(platform) == MEDFLOW_OK);
}
