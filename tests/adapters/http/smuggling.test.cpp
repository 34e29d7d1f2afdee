// Every request of the corpus is refused and its connection closed, or read as other servers read it: nginx and HAProxy, where they are
// installed.
#include "tests/adapters/http/smuggling.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/adapters/http/fake.hpp"
#include "tests/adapters/http/raw_client.hpp"
#include "tests/adapters/http/reading.hpp"
#include "tests/adapters/http/second_reader.hpp"

using namespace medflow;
using things::Fate;
using things::RawClient;
using things::Received;
using things::SecondReader;
using things::Seen;
using things::SeenRequest;
using things::Smuggled;
using things::SmugglingCorpus;

namespace {

std::string followed(const Smuggled& one) { return one.bytes + std::string(SmugglingCorpus::end); }

std::string shown(const std::vector<SeenRequest>& requests) {
  std::string text;
  for (const SeenRequest& one : requests) text += one.method + " " + one.target + " [" + one.body + "]; ";
  return text;
}

/// All of the corpus, as another reader understands it.
std::vector<std::vector<SeenRequest>> read_by(const SecondReader::Proxy& proxy, const std::vector<Smuggled>& corpus) {
  std::vector<std::vector<SeenRequest>> theirs(corpus.size());
  const SecondReader reader(proxy);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < corpus.size(); i = next++) theirs[i] = reader.read(followed(corpus[i]));
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  return theirs;
}

void check_alike(const SecondReader::Proxy& proxy, const char* package) {
  if (!SecondReader::is_there(proxy)) {
    MESSAGE(std::string(proxy.program) << " is not installed: skipped (apt-get install " << package << ")");
    return;
  }
  const auto corpus = SmugglingCorpus::make();
  const auto theirs = read_by(proxy, corpus);
  int refused = 0;
  int alike = 0;
  int accepted_by_them_alone = 0;
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    const Seen ours = things::read_all(followed(corpus[i]));
    CAPTURE(corpus[i].name);
    CAPTURE(shown(ours.requests));
    CAPTURE(shown(theirs[i]));
    refused += ours.requests.empty() ? 1 : 0;
    accepted_by_them_alone += ours.requests.empty() && !theirs[i].empty() ? 1 : 0;
    if (ours.requests.empty()) continue;
    ++alike;
    CHECK(ours.requests.size() <= theirs[i].size());
    const std::size_t both = std::min(ours.requests.size(), theirs[i].size());
    for (std::size_t n = 0; n < both; ++n) CHECK(ours.requests[n] == theirs[i][n]);
  }
  MESSAGE(refused << " refused by us (of these " << std::string(proxy.program) << " took " << accepted_by_them_alone
                  << "), " << alike << " read alike");
  CHECK(alike >= 10);
}

}  // namespace

TEST_CASE("API-8: what must be refused is, what is honest is read, however the bytes are cut") {
  const auto corpus = SmugglingCorpus::make();
  CHECK(corpus.size() >= 120);
  std::map<Fate, int> fates;
  for (const Smuggled& one : corpus) {
    CAPTURE(one.name);
    ++fates[one.fate];
    const std::string bytes = followed(one);
    const Seen seen = things::read_all(bytes);
    CAPTURE(shown(seen.requests));
    const bool takes = !seen.requests.empty();
    if (one.fate == Fate::refused) CHECK_FALSE(takes);
    if (one.fate == Fate::read) {
      REQUIRE(seen.requests.size() == 2);
      CHECK(seen.requests[0].target.starts_with("/target"));
      CHECK(seen.requests[1].target == "/end");
    }
    if (seen.refused != nullptr) CHECK(seen.closes);
    for (const SeenRequest& request : seen.requests) CHECK(request.target != "/smuggled");
    for (const std::size_t piece : {1UL, 2UL, 7UL}) {
      const Seen slowly = things::read_all(bytes, piece);
      CHECK(slowly.requests == seen.requests);
      CHECK(slowly.refused == seen.refused);
    }
  }
  MESSAGE(corpus.size() << " requests: " << fates[Fate::refused] << " to be refused, " << fates[Fate::read]
                        << " to be read, " << fates[Fate::either] << " either");
}

TEST_CASE(
    "API-8: over a socket each is answered with a problem and the end of the connection, and the server goes on") {
  auto owned = std::make_unique<things::FakeBackend>();
  http::Router router(std::move(owned), things::rows(), {});
  http::ServerLimits limits;
  limits.header_ms_max = limits.body_grace_ms = 300;
  limits.body_bytes_per_s_min = 1'000'000;
  limits.tick_ms = 50;
  limits.linger_ms_max = 200;
  things::RunningServer running(router, limits);
  const auto corpus = SmugglingCorpus::make();
  std::atomic<std::size_t> next{0};
  std::vector<std::string> wrong(corpus.size());
  const auto work = [&] {
    for (std::size_t i = next++; i < corpus.size(); i = next++) {
      const Seen expected = things::read_all(followed(corpus[i]));
      RawClient client(running.port());
      client.send(followed(corpus[i]));
      for (std::size_t n = 0; n < expected.requests.size(); ++n)
        if (client.read().status != 404) wrong[i] = "a request was not read";
      if (expected.requests.empty() || expected.requests.back().target != "/end") {
        const Received last = client.read();
        const bool is_problem = last.status >= 400 && last.status != 500 && last.has("Connection: close") &&
                                last.header("Content-Type") == "application/problem+json; charset=utf-8";
        if (!is_problem) wrong[i] = "no problem: " + std::to_string(last.status);
      }
      if (!client.ends()) wrong[i] += "the connection goes on";
    }
  };
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
  for (std::size_t i = 0; i < corpus.size(); ++i) CHECK_MESSAGE(wrong[i].empty(), corpus[i].name << ": " << wrong[i]);
  CHECK(RawClient(running.port()).ask("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").status == 200);
}

TEST_CASE("API-8: what is accepted is what nginx makes of it") { check_alike(things::nginx, "nginx-light"); }

TEST_CASE("API-8: what is accepted is what HAProxy makes of it") { check_alike(things::haproxy, "haproxy"); }
