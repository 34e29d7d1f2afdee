#include <doctest/doctest.h>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/adapters/c/clinic.hpp"

using namespace medflow::testing;

namespace {

/// What every function that takes a handle says to this one.
std::vector<std::string> codes_for(medflow_handle handle) {
  medflow_handle made = 0;
  char byte = 0;
  size_t count = 0;
  std::vector<std::string> codes;
  const auto add = [&](const auto& function) {
    made = 0;
    codes.push_back(with_out(function).code());
    CHECK((made == 0 || codes.back() == "ok"));
    if (made != 0) CHECK(medflow_release(made) == MEDFLOW_OK);
  };
  add([&](char** out) { return medflow_visit(handle, "saint-mary", &made, out); });
  add([&](char** out) { return medflow_authenticate(handle, "x", &made, out); });
  add([&](char** out) { return medflow_identify(handle, "saint-mary", "{}", &made, out); });
  add([&](char** out) { return medflow_operator(handle, "test", &made, out); });
  add([&](char** out) { return medflow_tick(handle, out); });
  add([&](char** out) { return medflow_caller(handle, "203.0.113.7", nullptr, nullptr, out); });
  add([&](char** out) { return medflow_call(handle, "profile.get", "{}", out); });
  add([&](char** out) { return medflow_call_keyed(handle, "profile.get", "{}", nullptr, out); });
  add([&](char** out) { return medflow_call_content(handle, "imports.patients", "{}", "text/csv", "", 0, out); });
  add([&](char** out) {
    return medflow_call_reader(
        handle, "imports.patients", "{}", "text/csv", [](void*, void*, size_t) -> ptrdiff_t { return 0; }, nullptr,
        out);
  });
  add([&](char** out) { return medflow_stream(handle, "audit.export", "{}", &made, out); });
  add([&](char** out) { return medflow_stream_read(handle, &byte, 1, &count, out); });
  return codes;
}

bool all_invalid(const std::vector<std::string>& codes) {
  for (const auto& code : codes)
    if (code != "handle.invalid") return false;
  return true;
}

std::size_t count_invalid(const std::vector<std::string>& codes) {
  std::size_t count = 0;
  for (const auto& code : codes) count += code == "handle.invalid" ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("CAB-1: a handle that was never given answers handle.invalid in every function") {
  const Clinic clinic;
  std::uint64_t random = 88172645463325252U;
  std::vector<medflow_handle> wrong{0,
                                    1,
                                    ~medflow_handle{0},
                                    clinic.desk + 1000,
                                    clinic.desk ^ (medflow_handle{1} << 32U),
                                    clinic.desk ^ (medflow_handle{3} << 56U)};
  for (int i = 0; i < 1000; ++i) {
    random ^= random << 13U;
    random ^= random >> 7U;
    random ^= random << 17U;
    wrong.push_back(random);
  }
  for (const medflow_handle handle : wrong) {
    CAPTURE(handle);
    REQUIRE(all_invalid(codes_for(handle)));
    REQUIRE(medflow_release(handle) == MEDFLOW_INVALID);
  }
  CHECK(call(clinic.desk, "profile.get", "{}").code() == "ok");
}

TEST_CASE("CAB-1: a handle of another kind answers handle.invalid") {
  const Clinic clinic;
  medflow_handle stream = 0;
  must(with_out([&](char** out) { return medflow_stream(clinic.admin, "audit.export", "{}", &stream, out); }));
  CHECK(count_invalid(codes_for(clinic.platform)) == 7);  // the functions of sessions and streams
  CHECK(count_invalid(codes_for(clinic.desk)) == 6);      // those of platforms and streams
  CHECK(count_invalid(codes_for(stream)) == 11);          // all but reading
}

TEST_CASE("CAB-1: a released handle is dead, even when its place is used again") {
  const Clinic clinic;
  const medflow_handle first = clinic.visitor();
  REQUIRE(medflow_release(first) == MEDFLOW_OK);
  CHECK(medflow_release(first) == MEDFLOW_INVALID);
  const medflow_handle second = clinic.visitor();
  CHECK(first != second);
  CHECK(all_invalid(codes_for(first)));
  CHECK(call(second, "profile.get", "{}").code() == "unauthenticated");
}

TEST_CASE("CAB-1: releasing a platform ends its sessions and streams, and those of no other") {
  const Clinic stays;
  medflow_handle desk = 0;
  medflow_handle stream = 0;
  {
    const Clinic goes;
    desk = goes.desk;
    must(with_out([&](char** out) { return medflow_stream(goes.admin, "audit.export", "{}", &stream, out); }));
    CHECK(call(desk, "profile.get", "{}").code() == "ok");
  }
  CHECK(all_invalid(codes_for(desk)));
  CHECK(all_invalid(codes_for(stream)));
  CHECK(call(stays.desk, "profile.get", "{}").code() == "ok");
}

TEST_CASE("CAB-1: two platforms in one process know nothing of each other") {
  const Clinic one;
  const Clinic other;
  const auto patient = must(call(one.desk, "patients.register", anna)).member("id");
  const std::string request = R"({"id":")" + patient + "\"}";
  CHECK(call(one.desk, "patients.get", request).code() == "ok");
  const auto foreign = call(other.desk, "patients.get", request);
  CHECK(foreign.code() == "not_found");
  const auto missing = call(other.desk, "patients.get", R"({"id":"01890a5d-ac96-774b-bcce-b302099a8057"})");
  CHECK(foreign.text == missing.text);
  medflow_handle session = 0;
  const auto tokens = must(call(one.visitor(), "auth.login",
                                R"({"email":"rita@example.org","password":")" + std::string(Clinic::password) + "\"}"));
  CHECK(with_out([&](char** out) {
          return medflow_authenticate(other.platform, tokens.member("access_token").c_str(), &session, out);
        }).code() == "unauthenticated");
}

TEST_CASE("CAB-1: eight threads call through one session") {
  const Clinic clinic;
  const std::string patient = must(call(clinic.desk, "patients.register", anna)).member("id");
  constexpr int thread_count = 8;
  constexpr int calls = 10;
  std::atomic<int> good{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < thread_count; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < calls; ++i) {
        const bool made = call(clinic.desk, "patients.register", anna).status == MEDFLOW_OK;
        const bool read = call(clinic.desk, "patients.get", R"({"id":")" + patient + "\"}").member("id") == patient;
        good += made && read ? 1 : 0;
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(good == thread_count * calls);
  const auto page = must(call(clinic.desk, "patients.list", R"({"name":"okafor","limit":200})"));
  std::size_t found = 0;
  for (std::size_t at = page.text.find("\"mrn\""); at != std::string::npos; at = page.text.find("\"mrn\"", at + 1))
    ++found;
  CHECK(found == thread_count * calls + 1);
}

TEST_CASE("CAB-1: a platform that is released while threads call through it lets their calls end") {
  for (int round = 0; round < 3; ++round) {
    const Clinic clinic;
    std::atomic<int> started{0};
    std::atomic<int> odd{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 100'000; ++i) {
          const auto answer = call(clinic.desk, "patients.register", anna);
          ++started;
          if (answer.code() == "handle.invalid") return;
          // A call under way may still find its session ended, as any other session of a closed platform.
          if (answer.code() != "ok" && answer.code() != "unauthenticated") ++odd;
        }
        ++odd;
      });
    while (started < 20) std::this_thread::yield();
    CHECK(medflow_release(clinic.platform) == MEDFLOW_OK);
    for (auto& thread : threads) thread.join();
    CHECK(odd == 0);
  }
}

TEST_CASE("CAB-1: a callback gets handle.busy for its own platform and may use another") {
  struct Seen {
    const Clinic& own;
    const Clinic& other;
    bool called = false;
    std::string same{};
    std::string visit{};
    int release = 0;
    std::string foreign{};
  };
  const Clinic own;
  const Clinic other;
  Seen seen{own, other};
  const auto read = [](void* state, void*, size_t) -> ptrdiff_t {
    auto& saw = *static_cast<Seen*>(state);
    saw.called = true;
    saw.same = call(saw.own.admin, "profile.get", "{}").code();
    medflow_handle made = 0;
    saw.visit = with_out([&](char** out) { return medflow_visit(saw.own.platform, "saint-mary", &made, out); }).code();
    saw.release = medflow_release(saw.own.platform);
    saw.foreign = call(saw.other.desk, "profile.get", "{}").code();
    return 0;
  };
  with_out([&](char** out) {
    return medflow_call_reader(own.admin, "imports.patients", "{}", "text/csv", read, &seen, out);
  });
  REQUIRE(seen.called);
  CHECK(seen.same == "handle.busy");
  CHECK(seen.visit == "handle.busy");
  CHECK(seen.release == MEDFLOW_CONFLICT);
  CHECK(seen.foreign == "ok");
  CHECK(call(own.admin, "profile.get", "{}").code() == "ok");
}
