#include "kernel/outside.hpp"

#include <optional>

#include "kernel/codes.hpp"

namespace medflow::kernel {
namespace {

/// A write of the system's own, with its event.
class SystemWrite final : public storage::Member {
 public:
  SystemWrite(CallFrame frame, FunctionRef<void(Work&)> body) : frame_(std::move(frame)), body_(body) {}

  void run(storage::Transaction& transaction, bool) override {
    wrote_ = false;
    answer_.reset();
    if (const Code* refusal = frame_.store->refusal()) throw Failure(*refusal);
    Work work(frame_, transaction);
    work.open_classes(block_flags);
    try {
      body_(work);
    } catch (...) {
      wrote_ = work.wrote();
      throw;
    }
    wrote_ = true;
    work.finish(nullptr);
    answer_ = work.answer();
  }
  bool wrote() const override { return wrote_; }
  void done(std::exception_ptr failure) noexcept override { failure_ = failure; }
  void rethrow() const {
    if (failure_) std::rethrow_exception(failure_);
    if (answer_) throw *answer_;
  }

 private:
  CallFrame frame_;
  FunctionRef<void(Work&)> body_;
  bool wrote_ = false;
  std::exception_ptr failure_{};
  std::optional<Failure> answer_{};
};

}  // namespace

void Outside::read_in(Store& target, FunctionRef<void(Work&)> body) {
  const auto system = &target == store() ? nullptr : platform().system_session(target.shared_from_this(), "outside");
  target.data().read([&](storage::Transaction& transaction) {
    CallFrame frame{.session = system ? system.get() : frame_.session,
                    .store = &target,
                    .row = frame_.row,
                    .context = frame_.context,
                    .now = frame_.now};
    Work work(frame, transaction);
    work.open_classes(block_flags);
    body(work);
  });
}

void Outside::write_in(Store& target, FunctionRef<void(Work&)> body) {
  const auto system = platform().system_session(target.shared_from_this(), session().actor().label);
  SystemWrite write(
      {.session = system.get(), .store = &target, .row = frame_.row, .context = frame_.context, .now = frame_.now},
      body);
  target.committer().run(write);
  write.rethrow();
}

void Outside::refuse_nowhere(const Failure& refusal) {
  // While the platform's tables are those of the version before, nothing is written there: it refuses all the same.
  if (platform().platform()->refusal() == nullptr)
    write_in(*platform().platform(), [&](Work& work) { work.fail_after_commit(refusal); });
  throw refusal;
}

}  // namespace medflow::kernel
