#include <algorithm>
#include <filesystem>
#include <map>
#include <span>

#include "kernel/platform_state.hpp"
#include "patients/entities.hpp"
#include "tests/bench/in_process/flight.hpp"
#include "tests/bench/in_process/support.hpp"

namespace medflow::bench {
namespace {

constexpr std::size_t queries = 1'000;
constexpr std::size_t commonest = 20;

/// Draws patients at random, the same ones in each run; those only that were there before the creates were measured.
class Draw {
 public:
  explicit Draw(std::span<const PatientId> from) : from_(from) {}
  patients::Get next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return {.id = from_[static_cast<std::size_t>((state_ >> 33U) % from_.size())]};
  }
  std::vector<patients::Get> each() const {
    std::vector<patients::Get> all;
    for (const PatientId& id : from_) all.push_back({.id = id});
    return all;
  }
  std::vector<patients::Get> some(std::size_t count) {
    std::vector<patients::Get> all;
    for (std::size_t i = 0; i < count; ++i) all.push_back(next());
    return all;
  }

 private:
  std::span<const PatientId> from_;
  std::uint64_t state_ = 42;
};

/// The platform behind a session, opened directly: a benchmark measures what lies below a call, too.
struct Opened {
  explicit Opened(const Plan& plan, const Handover& handover) {
    PlatformOptions options = options_of(plan);
    options.create = false;
    state = std::make_shared<kernel::PlatformState>(std::move(options));
    state->open();
    store = state->store("saint-mary");
    const Role roles[] = {Role::receptionist};
    kernel::Actor actor{.kind = audit::ActorKind::user,
                        .user = handover.reader,
                        .roles = {Role::receptionist},
                        .facilities = {handover.home}};
    session = std::make_shared<kernel::SessionState>(state, store, std::move(actor), kernel::Access(roles));
  }

  std::shared_ptr<kernel::PlatformState> state{};
  std::shared_ptr<kernel::Store> store{};
  std::shared_ptr<kernel::SessionState> session{};
};

/// What the tenant's data and key store take on the disk.
double stored_bytes(const std::string& folder) {
  double bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) bytes += static_cast<double>(entry.file_size());
  return bytes;
}

/// The same read without its event: rows got, checked and opened, `batch` in a transaction. AUD-4 compares with this.
Cost read_unaudited(Opened& opened, const std::vector<patients::Get>& requests, std::size_t batch) {
  const OperationRow* row = find_operation("patients.get");
  kernel::CallFrame frame{
      .session = opened.session.get(), .store = opened.store.get(), .row = row, .now = opened.state->clock().now()};
  const Stopwatch watch;
  for (std::size_t done = 0; done < requests.size();) {
    opened.store->data().read([&](storage::Transaction& transaction) {
      for (const std::size_t end = std::min(done + batch, requests.size()); done < end; ++done) {
        kernel::Work work(frame, transaction);
        kernel::Rows<patients::Patient>(work).get(requests[done].id);
      }
    });
  }
  return watch.per_operation(requests.size());
}

/// Surnames as frequent as in the population, the commonest twenty first.
std::vector<std::string> names_to_seek(std::size_t people) {
  const generator::Population population(7);
  std::map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < people; ++i) ++counts[population.person(i).last];
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const auto& [name, count] : counts) ranked.emplace_back(count, name);
  std::sort(ranked.rbegin(), ranked.rend());
  std::vector<std::string> names;
  for (std::size_t i = 0; i < ranked.size() && names.size() < commonest; ++i)
    if (seekable(ranked[i].second)) names.push_back(ranked[i].second);
  for (std::uint64_t i = 1; names.size() < queries; ++i)
    if (std::string name = population.person(i * 7'919 % people).last; seekable(name)) names.push_back(std::move(name));
  return names;
}

double seek_seconds(const Session& session, const std::string& name) {
  const Stopwatch watch;
  testing::must(session.call(patients::List{.name = name, .limit = 20}));
  return watch.wall_seconds();
}

void measure_names(const Plan& plan, const Session& session, const Figures& figures, std::size_t stored) {
  const std::vector<std::string> names = names_to_seek(plan.patients);
  const double cpu = cpu_seconds();
  const double first = seek_seconds(session, names.front());
  figures.add("names.build.cpu", (cpu_seconds() - cpu) * 1e5 / static_cast<double>(stored));
  figures.add("names.build", (first - seek_seconds(session, names.front())) * 1e5 / static_cast<double>(stored));
  std::vector<double> times;
  const Stopwatch watch;
  for (const std::string& name : names) times.push_back(seek_seconds(session, name) * 1e6);
  figures.add("names", watch.per_operation(names.size()));
  figures.add("names.p50", percentile(times, 0.50));
  figures.add("names.p95", percentile(times, 0.95));
}

}  // namespace

void measure_reads(const Plan& plan, const Figures& figures) {
  const Handover handover = Handover::take(plan);
  if (plan.url.empty())
    figures.add("stored", stored_bytes(plan.folder + "/data") / static_cast<double>(handover.patients.size()));
  figures.add("pss.empty", pss_mib());
  const Stopwatch opening;
  Opened opened(plan, handover);
  const Session session(opened.session);
  Draw draw(std::span(handover.patients).first(plan.patients));
  testing::must(session.call(draw.next()));
  figures.add("open.ms", opening.wall_seconds() * 1e3);
  figures.add("pss.open", pss_mib());

  const auto ours = [&] { return Flight<patients::Get>(session, draw.some(plan.operations)).run(plan.in_flight); };
  const auto unaudited = [&] { return read_unaudited(opened, draw.some(plan.operations), plan.in_flight); };
  Flight<patients::Get>(session, draw.each()).run(plan.in_flight);  // warms the caches
  figures.add("pss.read", pss_mib());
  const auto raw = plan.raw ? raw_store(plan, false) : nullptr;
  const auto indexed = plan.raw ? raw_store(plan, true) : nullptr;
  for (Raw* each : {raw.get(), indexed.get()})
    if (each != nullptr) each->read(handover.patients.size(), plan.in_flight);
  if (plan.raw) read_unaudited(opened, draw.each(), plan.in_flight);
  std::vector<Cost> audited;
  std::vector<Cost> bare;
  std::vector<Cost> by_hand;
  std::vector<Cost> by_hand_indexed;
  for (std::size_t round = 0; round < plan.rounds; ++round) {
    audited.push_back(ours());
    if (raw) by_hand.push_back(raw->read(plan.operations, plan.in_flight));
    if (indexed) by_hand_indexed.push_back(indexed->read(plan.operations, plan.in_flight));
    if (plan.raw) bare.push_back(unaudited());
  }
  figures.add("read", median(audited));
  if (!plan.raw) return;
  figures.add("read.raw", median(by_hand));
  figures.add("read.indexed", median(by_hand_indexed));
  figures.add("read.unaudited", median(bare));
  for (const std::size_t threads : {1U, 8U, 32U})
    figures.add("read.blocking" + std::to_string(threads),
                run_blocking(session, draw.some(threads == 1 ? 512 : 2'048), threads));
  measure_names(plan, session, figures, handover.patients.size());
  figures.add("pss.names", pss_mib());
}

}  // namespace medflow::bench
