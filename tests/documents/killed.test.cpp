#include <doctest/doctest.h>

#include <fstream>
#include <string>

#include "tests/documents/wards.hpp"
#include "tests/support/child.hpp"

using namespace medflow;
using namespace medflow::testing;
using files::filler;
using files::pdf;

namespace {

PlatformOptions options(const EngineHome& home, const std::shared_ptr<Frames>& frames,
                        std::shared_ptr<FakeClock> clock) {
  return test_options(std::make_shared<WatchedEngine>(home.engine(), frames), std::move(clock));
}

/// A doctor's token and a patient, as a process leaves them to the next.
struct Left {
  std::string token{};
  PatientId patient{};

  void write(const std::string& path) const { std::ofstream(path) << token << ' ' << patient.text(); }
  static Left read(const std::string& path) {
    Left left;
    std::string patient;
    std::ifstream(path) >> left.token >> patient;
    left.patient = PatientId::parse(patient).value();
    return left;
  }
};

}  // namespace

TEST_CASE(
    "DOC-1: a process that is killed in the midst of an upload leaves nothing that anybody sees, and its frames are "
    "removed") {
  for (const std::string_view engine : {"sqlite", "sqlcipher"}) {
    CAPTURE(engine);
    const EngineHome home(engine);
    const std::string place = home.folder() / "left";
    REQUIRE(in_child([&] {
              auto clock = std::make_shared<FakeClock>();
              Hospital hospital(options(home, std::make_shared<Frames>(), clock), clock);
              Left{.token = hospital.member(Role::doctor).tokens.access_token,
                   .patient = hospital.add_patients(1).at(0).id}
                  .write(place);
              return 0;
            }) == 0);
    const Left left = Left::read(place);
    // In the first write, between two of them, and in the last one, in which the document is made.
    for (const std::size_t last : {std::size_t{1}, std::size_t{17}, std::size_t{34}}) {
      CAPTURE(last);
      const int ended = in_child([&] {
        auto frames = std::make_shared<Frames>();
        frames->on_frame = [frames = frames.get(), last] {
          if (frames->written == last) die_now();
        };
        const Platform platform = must(Platform::open(options(home, frames, std::make_shared<FakeClock>())));
        const Session doctor = must(platform.authenticate(left.token));
        must(doctor.call(documents::Upload{.patient_id = left.patient,
                                           .file_name = "letter.pdf",
                                           .content = Content::of("application/pdf", pdf(filler(2'200'000)))}));
        return 0;
      });
      CHECK(ended == child_killed);
    }
    auto frames = std::make_shared<Frames>();
    auto clock = std::make_shared<FakeClock>();
    const Platform platform = must(Platform::open(options(home, frames, clock)));
    CHECK(must(must(platform.authenticate(left.token)).call(documents::List{.patient_id = left.patient})).data.empty());
    clock->advance_s(25 * 60 * 60);
    for (int i = 0; i < 3; ++i) CHECK(platform.tick(clock->now()).empty());
    CHECK(frames->erased == 16 + 32);  // what had been committed of the second and the third
  }
}
