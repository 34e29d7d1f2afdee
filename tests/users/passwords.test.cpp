#include <doctest/doctest.h>

#include "crypto/password.hpp"
#include "kernel/outside.hpp"
#include "tests/support/platform.hpp"
#include "users/accounts.hpp"

using namespace medflow;
using namespace medflow::testing;

namespace {

/// bcrypt, cost 4, of "imported secret of Bob".
constexpr std::string_view bcrypt_hash = "$2b$04$abcdefghijklmnopqrstuuzfApJBhyi5tnWLeoPb.JpuljPKz325m";

users::Invitation invite(Hospital& hospital, std::string email, std::string name) {
  return must(
      hospital.as(Role::tenant_admin)
          .call(users::Invite{.email = std::move(email), .display_name = std::move(name), .roles = {Role::nurse}}));
}

/// The platform from the inside: what an import or an administrator's tool reaches, and nobody else.
class Inside {
 public:
  explicit Inside(std::uint32_t passes = 2) : clock_(std::make_shared<FakeClock>()) {
    PlatformOptions options = test_options(engine_, clock_);
    options.password_passes = passes;
    hospital_.emplace(std::move(options), clock_);
  }
  ~Inside() { close(); }
  Inside(const Inside&) = delete;
  Hospital& hospital() { return *hospital_; }

  /// Closes the platform and opens what it was made of without the public door.
  void open(std::uint32_t passes) {
    hospital_.reset();
    close();
    PlatformOptions options = test_options(engine_, clock_);
    options.password_passes = passes;
    state_ = std::make_shared<kernel::PlatformState>(std::move(options));
    state_->open();
    store_ = state_->store("saint-mary");
  }

  std::string hash_of(std::string_view email) {
    std::string hash;
    with_user(email,
              [&](kernel::Work& work, users::StoredUser& user) { hash = users::unwrap_hash(work.store(), user); });
    return hash;
  }
  void set_hash(std::string_view email, std::string_view hash) {
    with_user(email, [&](kernel::Work& work, users::StoredUser& user) {
      user.password_hash = users::wrap_hash(work.store(), user.id, hash);
      users::update_user(work, user, user.revision);
    });
  }
  std::string sign_in(std::string_view email, std::string_view password) {
    const Session visitor(std::make_shared<kernel::SessionState>(state_, store_, kernel::Actor{},
                                                                 kernel::Access{std::span<const Role>{}}));
    return code_of(visitor.call(auth::Login{.email = std::string(email), .password = Hospital::secret(password)}));
  }

 private:
  void close() {
    if (state_) state_->close();
    store_.reset();
    state_.reset();
  }
  template <class Body>
  void with_user(std::string_view email, Body&& body) {
    const auto system = state_->system_session(store_, "test");
    kernel::CallFrame frame{
        .session = system.get(), .store = store_.get(), .row = find_operation("users.update"), .now = clock_->now()};
    kernel::Outside(frame).write_in(*store_, [&](kernel::Work& work) {
      auto user = users::find_by_email(work, email);
      REQUIRE(user);
      body(work, *user);
    });
  }

  TestEngine engine_{"memory"};
  std::shared_ptr<FakeClock> clock_;
  std::optional<Hospital> hospital_{};
  std::shared_ptr<kernel::PlatformState> state_{};
  std::shared_ptr<kernel::Store> store_{};
};

}  // namespace

TEST_CASE("USR-2: a password is refused with the reason when it is short, long, common, or made of known words") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const auto invitation = invite(hospital, "bartholomew@cranberry.example", "Bartholomew Quillfeather");
  const auto with = [&](std::string_view password) {
    const auto answer = hospital.complete_invitation(invitation.token, password);
    return code_of(answer) + " " + fields_of(answer);
  };
  CHECK(with("fourteen chars") == "password.short /password:password.short");
  CHECK(with(std::string(129, 'x')) == "password.long /password:password.long");
  CHECK(with("passwordpassword123") == "password.common /password:password.common");
  CHECK(with("bartholomewquillfeather") == "password.common /password:password.common");
  CHECK(with("cranberrycranberry1") == "password.common /password:password.common");
  CHECK(with("medflowsaint-mary12") == "password.common /password:password.common");
  CHECK(with("saintmaryhospital1") == "password.common /password:password.common");
  CHECK(with("") == "invalid /password:required");
  CHECK(with("violet tundra 47 anchor mosaic") == "ok ");
}

TEST_CASE("USR-2: lengths count characters, and the two ways to write an accent are one password") {
  TestEngine engine("memory");
  Hospital hospital = make_platform(engine);
  const auto invitation = invite(hospital, "rene@example.org", "Anybody");
  CHECK(code_of(hospital.complete_invitation(invitation.token, "Ωλφζξψωδθπλκ")) == "password.short");
  must(hospital.complete_invitation(invitation.token, "caf\u00e9 lantern prism 92"));
  CHECK(hospital.sign_in("rene@example.org", "cafe\u0301 lantern prism 92").ok());
}

TEST_CASE("USR-1: an imported bcrypt hash signs in once and is then hashed anew") {
  Inside inside;
  must(inside.hospital().complete_invitation(invite(inside.hospital(), "bob@example.org", "Bob").token));
  inside.open(2);
  const std::string imported = "imported secret of Bob";
  const std::string hash = std::string(bcrypt_hash);
  REQUIRE(crypto::verify_password(imported, hash) == crypto::PasswordCheck::right);
  inside.set_hash("bob@example.org", hash);
  CHECK(inside.sign_in("bob@example.org", "something else entirely") == "auth.failed");
  CHECK(inside.hash_of("bob@example.org") == hash);
  CHECK(inside.sign_in("bob@example.org", imported) == "ok");
  CHECK(inside.hash_of("bob@example.org").starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(inside.sign_in("bob@example.org", imported) == "ok");
  CHECK(inside.sign_in("bob@example.org", imported + std::string(60, 'x')) == "auth.failed");
}

TEST_CASE("USR-1: a password over 72 bytes is refused with bcrypt, not cut") {
  Inside inside;
  must(inside.hospital().complete_invitation(invite(inside.hospital(), "bob@example.org", "Bob").token));
  inside.open(2);
  inside.set_hash("bob@example.org", bcrypt_hash);
  CHECK(inside.sign_in("bob@example.org", std::string("imported secret of Bob") + '\0' + "more") == "auth.failed");
  CHECK(inside.sign_in("bob@example.org", std::string(80, 'y')) == "auth.failed");
}

TEST_CASE("USR-1: when the cost rises, the next sign-in hashes anew; when it falls, nothing changes") {
  Inside inside;
  must(inside.hospital().complete_invitation(invite(inside.hospital(), "bob@example.org", "Bob").token));
  inside.open(3);
  CHECK(inside.hash_of("bob@example.org").find("t=2") != std::string::npos);
  CHECK(inside.sign_in("bob@example.org", Hospital::password) == "ok");
  const std::string raised = inside.hash_of("bob@example.org");
  CHECK(raised.find("t=3") != std::string::npos);
  inside.open(2);
  CHECK(inside.sign_in("bob@example.org", Hospital::password) == "ok");
  CHECK(inside.hash_of("bob@example.org") == raised);
}

TEST_CASE("USR-1: a cost below the floor is refused when the platform opens") {
  PlatformOptions options = test_options(TestEngine("memory"), std::make_shared<FakeClock>());
  options.password_memory_kib = 19 * 1024 - 1;
  const auto opened = Platform::open(std::move(options));
  CHECK(code_of(opened) == "invalid");
}
