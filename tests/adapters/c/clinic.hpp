// A hospital behind the C ABI, and the ABI as a test calls it.
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "adapters/c/medflow.h"

namespace medflow::testing {

/// A status with the text that came with it.
struct Answer {
  int status = MEDFLOW_OK;
  std::string text{};

  /// The first text member of this name; empty where there is none.
  std::string member(std::string_view name) const {
    const std::string key = "\"" + std::string(name) + "\":\"";
    const std::size_t at = text.find(key);
    if (at == std::string::npos) return {};
    return text.substr(at + key.size(), text.find('"', at + key.size()) - at - key.size());
  }
  /// "ok", or the code of the problem.
  std::string code() const { return status == MEDFLOW_OK ? "ok" : member("code"); }
};

/// Runs a function of the ABI with an `out`: `with_out([&](char** out) { return medflow_call(…, out); })`.
template <class Function>
Answer with_out(const Function& function) {
  char* out = nullptr;
  Answer answer{.status = function(&out)};
  answer.text.assign(out == nullptr ? "" : out, medflow_size(out));
  medflow_free(out);
  return answer;
}

inline Answer call(medflow_handle session, const char* operation, const char* request) {
  return with_out([&](char** out) { return medflow_call(session, operation, request, out); });
}
inline Answer call(medflow_handle session, const char* operation, const std::string& request) {
  return call(session, operation, request.c_str());
}

inline Answer must(Answer answer) {
  if (answer.status != MEDFLOW_OK) throw std::runtime_error("unexpected: " + answer.text);
  return answer;
}

inline constexpr std::string_view cheap_passwords = R"("password_memory_kib":19456,"password_passes":2)";
inline constexpr std::array<unsigned char, 32> clinic_key{7};
inline constexpr const char* anna =
    R"({"names":[{"family":"Okafor","given":["Anna"]}],"birth":{"date":"1985-03-14"},"sex_admin":"female"})";

inline medflow_handle open_platform(const std::string& engine, bool create) {
  const std::string options = R"({"engine":")" + engine + R"(","create":)" + (create ? "true" : "false") + "," +
                              std::string(cheap_passwords) + "}";
  medflow_handle platform = 0;
  must(with_out(
      [&](char** out) { return medflow_open(options.c_str(), clinic_key.data(), clinic_key.size(), &platform, out); }));
  return platform;
}

inline medflow_handle sign_in(medflow_handle platform, const char* tenant, const std::string& email,
                              std::string_view password) {
  medflow_handle visitor = 0;
  medflow_handle session = 0;
  must(with_out([&](char** out) { return medflow_visit(platform, tenant, &visitor, out); }));
  const auto tokens =
      must(call(visitor, "auth.login", R"({"email":")" + email + R"(","password":")" + std::string(password) + "\"}"));
  must(with_out([&](char** out) {
    return medflow_authenticate(platform, tokens.member("access_token").c_str(), &session, out);
  }));
  medflow_release(visitor);
  return session;
}

/// A hospital in memory, with its administrator and a receptionist.
class Clinic {
 public:
  static constexpr std::string_view password = "violet tundra 47 anchor mosaic";

  Clinic() : platform(open_platform("memory:", true)) {
    must(with_out([&](char** out) { return medflow_operator(platform, "test", &root, out); }));
    const auto tenant =
        must(call(root, "tenants.provision",
                  R"({"slug":"saint-mary","name":"Saint Mary","default_zone":"Europe/London","currency":"GBP"})"));
    admin =
        join(must(call(root, "users.invite_first_admin",
                       R"({"id":")" + tenant.member("id") + R"(","email":"ada@example.org","display_name":"Ada"})")),
             "ada@example.org");
    facility = must(call(admin, "facilities.list", "{}")).member("id");
    desk = member("receptionist", "rita@example.org");
  }
  ~Clinic() { medflow_release(platform); }
  Clinic(const Clinic&) = delete;
  Clinic& operator=(const Clinic&) = delete;

  medflow_handle visitor() const {
    medflow_handle session = 0;
    must(with_out([&](char** out) { return medflow_visit(platform, "saint-mary", &session, out); }));
    return session;
  }

  /// Somebody more of the staff, signed in.
  medflow_handle member(const std::string& role, const std::string& email) const {
    return join(must(call(admin, "users.invite",
                          R"({"email":")" + email + R"(","display_name":"One","roles":[")" + role +
                              R"("],"facilities":[")" + facility + "\"]}")),
                email);
  }

  medflow_handle platform = 0;
  medflow_handle root = 0;
  medflow_handle admin = 0;
  medflow_handle desk = 0;
  std::string facility{};

 private:
  medflow_handle join(const Answer& invitation, const std::string& email) const {
    const medflow_handle session = visitor();
    must(call(session, "auth.register",
              R"({"invitation":")" + invitation.member("token") + R"(","password":")" + std::string(password) + "\"}"));
    medflow_release(session);
    return sign_in(platform, "saint-mary", email, password);
  }
};

}  // namespace medflow::testing
