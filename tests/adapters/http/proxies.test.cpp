#include "adapters/http/proxies.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using medflow::http::ForwardedBy;
using medflow::http::HeaderField;
using medflow::http::Proxies;

namespace {

std::string client(std::string_view peer, std::string_view chain) {
  const Proxies proxies({"10.0.0.0/8", "192.0.2.1", "2001:db8::/33"}, ForwardedBy::x_forwarded_for);
  const std::vector<HeaderField> fields{{"X-Forwarded-For", chain}};
  return proxies.client(peer, fields);
}

std::string client_rfc(std::string_view peer, std::string_view value) {
  const Proxies proxies({"10.0.0.0/8"}, ForwardedBy::forwarded);
  const std::vector<HeaderField> fields{{"Forwarded", value}, {"X-Forwarded-For", "203.0.113.99"}};
  return proxies.client(peer, fields);
}

}  // namespace

TEST_CASE("API-8: nobody is believed about an address who was not configured") {
  CHECK(client("203.0.113.5", "198.51.100.1") == "203.0.113.5");
  CHECK(client("192.0.2.2", "198.51.100.1") == "192.0.2.2");
  CHECK(Proxies().client("10.0.0.1", {}) == "10.0.0.1");
  CHECK_FALSE(Proxies().trusts("10.0.0.1"));
}

TEST_CASE("API-8: behind proxies the client is the rightmost address that is none of them") {
  CHECK(client("10.1.2.3", "198.51.100.1") == "198.51.100.1");
  CHECK(client("10.1.2.3", "198.51.100.1, 10.9.9.9") == "198.51.100.1");
  CHECK(client("10.1.2.3", "1.1.1.1, 198.51.100.1,192.0.2.1") == "198.51.100.1");  // the first is what a client says
  CHECK(client("10.1.2.3", "10.0.0.9") == "10.0.0.9");                             // all are proxies
  CHECK(client("10.1.2.3", "") == "10.1.2.3");
  CHECK(client("::ffff:10.1.2.3", "198.51.100.1") == "198.51.100.1");
  CHECK(client("2001:db8:1::1", "2001:db8:9999::1") == "2001:db8:9999::1");  // /33 ends before 8000
  CHECK(client("2001:db8:1::1", "2001:db8:7fff::1") == "2001:db8:7fff::1");
  CHECK(client("2001:db8:9999::1", "198.51.100.1") == "2001:db8:9999::1");
}

TEST_CASE("API-8: what is no address in the chain ends the walk") {
  CHECK(client("10.1.2.3", "198.51.100.1, unknown") == "10.1.2.3");
  CHECK(client("10.1.2.3", "198.51.100.1, unknown, 10.0.0.5") == "10.0.0.5");
  CHECK(client("10.1.2.3", "198.51.100.256") == "10.1.2.3");
  CHECK(client("10.1.2.3", "<script>, 198.51.100.7:4711") == "198.51.100.7");
  CHECK(client("10.1.2.3", "[2001:db8:ffff::9]:443") == "2001:db8:ffff::9");
}

TEST_CASE("API-8: Forwarded is read where it is configured, and the other header then is not") {
  CHECK(client_rfc("10.0.0.1", "for=198.51.100.17;proto=https;by=10.0.0.1") == "198.51.100.17");
  CHECK(client_rfc("10.0.0.1", "for=1.1.1.1, for=198.51.100.17, For=10.2.2.2") == "198.51.100.17");
  CHECK(client_rfc("10.0.0.1", "proto=https; for=\"[2001:db8:cafe::17]:4711\"") == "2001:db8:cafe::17");
  CHECK(client_rfc("10.0.0.1", "for=_hidden") == "10.0.0.1");
  CHECK(client_rfc("10.0.0.1", "proto=https") == "10.0.0.1");
}

TEST_CASE("API-8: what is no network is not taken for one") {
  for (const std::string entry : {"proxy.local", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/x", "10.0.0", "", "::/129"}) {
    CAPTURE(entry);
    CHECK_THROWS_AS(Proxies({entry}, ForwardedBy::x_forwarded_for), std::runtime_error);
  }
}
