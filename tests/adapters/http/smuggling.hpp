// Requests that two readers may understand differently: what goes round in the literature on request smuggling, and what RFC 9112
// warns of. Each is followed by an honest request for /end, which a misread length would swallow or double.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace things {

enum class Fate : unsigned char {
  refused,  ///< nothing of it may be taken for a request
  read,     ///< it is one request, and /end is the next
  either,   ///< refused, or read as a proxy reads it
};

struct Smuggled {
  std::string name{};
  std::string bytes{};
  Fate fate = Fate::refused;
};

class SmugglingCorpus {
 public:
  static std::vector<Smuggled> make() {
    SmugglingCorpus corpus;
    corpus.transfer_encodings();
    corpus.content_lengths();
    corpus.both();
    corpus.chunks();
    corpus.request_lines();
    corpus.fields();
    return std::move(corpus.all_);
  }

  static constexpr std::string_view end = "GET /end HTTP/1.1\r\nHost: clinic.test\r\nConnection: close\r\n\r\n";

 private:
  static constexpr std::string_view inner = "GET /smuggled HTTP/1.1\r\nHost: clinic.test\r\n\r\n";

  void add(std::string name, std::string bytes, Fate fate = Fate::refused) {
    all_.push_back({.name = std::move(name), .bytes = std::move(bytes), .fate = fate});
  }
  /// A POST with these header lines and what follows the header.
  void post(std::string name, std::string_view lines, std::string_view rest, Fate fate = Fate::refused) {
    add(std::move(name),
        "POST /target HTTP/1.1\r\nHost: clinic.test\r\n" + std::string(lines) + "\r\n" + std::string(rest), fate);
  }
  static std::string with_nul(std::string_view before, std::string_view after) {
    return std::string(before) + '\0' + std::string(after);
  }

  void transfer_encodings() {
    const std::string body = "0\r\n\r\n";
    for (const char* good : {"chunked", "  chunked", "chunked ", "\tchunked", "chunked\t"})
      post("TE good: [" + std::string(good) + "]", "Transfer-Encoding:" + std::string(good) + "\r\n", body,
           Fate::either);
    for (const char* bad : {"xchunked",
                            "Chunked",
                            "CHUNKED",
                            "chunked, identity",
                            "identity, chunked",
                            "chunked,chunked",
                            "chunked;q=1",
                            "\"chunked\"",
                            "'chunked'",
                            "chunked\x0b",
                            "\013chunked",
                            "chunked\x0c",
                            "chunk",
                            "chunkedd",
                            "cow",
                            "",
                            "gzip",
                            "gzip, chunked",
                            "chunked, gzip",
                            "identity",
                            "compress",
                            "deflate,chunked",
                            ",chunked",
                            "chunked,",
                            "chunked\xa0",
                            "\302\240chunked",
                            "chunked ; x",
                            "trailers",
                            "chunked\x7f",
                            "c\xcc\xa7hunked"})
      post("TE value [" + std::string(bad) + "]", "Transfer-Encoding: " + std::string(bad) + "\r\n",
           body + std::string(inner));
    post("TE value with NUL", with_nul("Transfer-Encoding: chunked", "\r\n"), body);
    post("TE name with NUL", with_nul("Transfer-Encoding", ": chunked\r\n"), body);
    post("TE space before colon", "Transfer-Encoding : chunked\r\n", body);
    post("TE tab before colon", "Transfer-Encoding\t: chunked\r\n", body);
    post("TE folded", "Transfer-Encoding:\r\n chunked\r\n", body);
    post("TE folded behind another", "X: y\r\n Transfer-Encoding: chunked\r\n", body);
    post("TE twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", body);
    post("TE twice, other last", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", body);
    post("TE twice, other first", "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", body);
    post("TE behind a bare LF", "X: y\nTransfer-Encoding: chunked\r\n", body);
    post("TE behind a bare CR", "X: y\rTransfer-Encoding: chunked\r\n", body);
    post("TE colon on the next line", "Transfer-Encoding\r\n: chunked\r\n", body);
    post("TE with an underscore", "Transfer_Encoding: chunked\r\n", {}, Fate::either);
    post("TE in capitals", "TRANSFER-ENCODING: chunked\r\n", body, Fate::read);
    post("TE without a space", "Transfer-Encoding:chunked\r\n", body, Fate::read);
    add("TE in HTTP/1.0", "POST /target HTTP/1.0\r\nHost: clinic.test\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    add("TE on a GET",
        "GET /target HTTP/1.1\r\nHost: clinic.test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        Fate::read);
  }

  void content_lengths() {
    for (const char* bad : {"+5",
                            "-5",
                            "5, 5",
                            "5,6",
                            "5 5",
                            "0x5",
                            "5e0",
                            "5.0",
                            "5;",
                            "'5'",
                            "\"5\"",
                            "five",
                            "",
                            "5\x0b",
                            "\0135",
                            "5_",
                            "1_0",
                            "18446744073709551621",
                            "99999999999999999999999",
                            "\xd9\xa5",
                            "5\r5",
                            "5,",
                            ",5",
                            "-0",
                            "+0",
                            "0,5",
                            "5\xa0"})
      post("CL value [" + std::string(bad) + "]", "Content-Length: " + std::string(bad) + "\r\n",
           "hello" + std::string(inner));
    for (const char* good : {"5", " 5", "5 ", "\t5", "005"})
      post("CL good: [" + std::string(good) + "]", "Content-Length:" + std::string(good) + "\r\n", "hello",
           Fate::either);
    post("CL with NUL", with_nul("Content-Length: 5", "\r\n"), "hello");
    post("CL name with NUL", with_nul("Content-Length", ": 5\r\n"), "hello");
    post("CL twice, alike", "Content-Length: 5\r\nContent-Length: 5\r\n", "hello");
    post("CL twice, less first", "Content-Length: 0\r\nContent-Length: 45\r\n", inner);
    post("CL twice, more first", "Content-Length: 45\r\nContent-Length: 0\r\n", inner);
    post("CL twice in other letters", "Content-Length: 5\r\ncontent-length: 6\r\n", "hello!");
    post("CL space before colon", "Content-Length : 5\r\n", "hello");
    post("CL tab before colon", "Content-Length\t: 5\r\n", "hello");
    post("CL folded", "Content-Length:\r\n 5\r\n", "hello");
    post("CL folded in the number", "Content-Length: 1\r\n 5\r\n", "hellohellohello");
    post("CL behind a bare LF", "X: y\nContent-Length: 45\r\n", inner);
    post("CL behind a bare CR", "X: y\rContent-Length: 45\r\n", inner);
    post("CL with an underscore", "Content_Length: 5\r\n", {}, Fate::either);
    post("CL named by Connection", "Connection: Content-Length\r\nContent-Length: 5\r\n", "hello", Fate::either);
    add("CL on a GET", "GET /target HTTP/1.1\r\nHost: clinic.test\r\nContent-Length: 5\r\n\r\nhello", Fate::read);
    add("CL on a GET that hides a request",
        "GET /target HTTP/1.1\r\nHost: clinic.test\r\nContent-Length: " + std::to_string(inner.size()) + "\r\n\r\n" +
            std::string(inner),
        Fate::read);
    add("no length at all", "POST /target HTTP/1.1\r\nHost: clinic.test\r\n\r\n", Fate::read);
  }

  void both() {
    const std::string chunked = "0\r\n\r\n" + std::string(inner);
    post("CL.TE", "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG");
    post("TE.CL", "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
         "2d\r\n" + std::string(inner) + "\r\n0\r\n\r\n");
    post("CL.TE, length of the whole", "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n", chunked);
    post("CL.0 and TE", "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", chunked);
    post("TE unknown and CL", "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n", "hello");
    post("TE empty and CL", "Transfer-Encoding:\r\nContent-Length: 5\r\n", "hello");
    post("TE identity and CL", "Transfer-Encoding: identity\r\nContent-Length: 5\r\n", "hello");
    post("TE spaced and CL", "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n");
    post("TE twice and CL", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n", "0\r\n\r\n");
    add("TE and CL in HTTP/1.0",
        "POST /target HTTP/1.0\r\nHost: clinic.test\r\nContent-Length: 5\r\nTransfer-Encoding: "
        "chunked\r\n\r\n0\r\n\r\n");
  }

  void chunks() {
    const auto chunk = [&](std::string name, std::string_view body, Fate fate = Fate::refused) {
      post("chunk: " + std::move(name), "Transfer-Encoding: chunked\r\n", body, fate);
    };
    chunk("one", "5\r\nhello\r\n0\r\n\r\n", Fate::read);
    chunk("capital digits", "A\r\nhellohello\r\n0\r\n\r\n", Fate::read);
    chunk("leading zeros", "0005\r\nhello\r\n000\r\n\r\n", Fate::either);
    chunk("extension", "5;a=b\r\nhello\r\n0;c\r\n\r\n", Fate::read);
    chunk("quoted extension", "5;a=\"b;c\"\r\nhello\r\n0\r\n\r\n", Fate::either);
    chunk("extension with a space", "5 ;a=b\r\nhello\r\n0\r\n\r\n", Fate::either);
    for (const char* size : {"0x5", "+5", "-5", " 5", "g", "", "5g", "5,", "5\x0b", "FFFFFFFFFFFFFFFF5",
                             "10000000000000005", "5 5", "five"})
      chunk("size [" + std::string(size) + "]", std::string(size) + "\r\nhello\r\n0\r\n\r\n" + std::string(inner));
    chunk("size with NUL", with_nul("5", "\r\nhello\r\n0\r\n\r\n"));
    chunk("size and a bare LF", "5\nhello\r\n0\r\n\r\n");
    chunk("size and a bare CR", "5\rhello\r\n0\r\n\r\n");
    chunk("extension and a bare LF", "5;a\nhello\r\n0\r\n\r\n");
    chunk("extension with a bare CR", "5;a\rb\r\nhello\r\n0\r\n\r\n");
    chunk("extension with NUL", with_nul("5;a", "\r\nhello\r\n0\r\n\r\n"));
    chunk("data that ends with LF", "5\r\nhello\n0\r\n\r\n");
    chunk("data that ends with CR", "5\r\nhello\r0\r\n\r\n");
    chunk("data too long", "5\r\nhelloX\r\n0\r\n\r\n");
    chunk("data too short", "5\r\nhell\r\n0\r\n\r\n");
    chunk("data without an end", "5\r\nhello0\r\n\r\n");
    chunk("last chunk and LF", "0\n\n");
    chunk("last chunk and CR CR", "0\r\r\n");
    chunk("trailer", "0\r\nX: y\r\n\r\n");
    chunk("trailer that is a length", "0\r\nContent-Length: 45\r\n\r\n" + std::string(inner));
    chunk("trailer that is an encoding", "0\r\nTransfer-Encoding: chunked\r\n\r\n");
    chunk("trailer that names a user", "0\r\nAuthorization: Bearer good\r\n\r\n");
    chunk("trailer that is no field", "0\r\nnonsense\r\n\r\n");
    chunk("long line", "5;" + std::string(400, 'x') + "\r\nhello\r\n0\r\n\r\n");
    chunk("a request in the extension", "0;\r\n\r\n" + std::string(inner), Fate::either);
  }

  void request_lines() {
    const auto line = [&](std::string_view text, Fate fate = Fate::refused) {
      add("line: " + std::string(text), std::string(text) + "\r\nHost: clinic.test\r\n\r\n", fate);
    };
    for (const char* bad : {"GET  /target HTTP/1.1",
                            "GET /target  HTTP/1.1",
                            "GET\t/target HTTP/1.1",
                            "GET /target\tHTTP/1.1",
                            " GET /target HTTP/1.1",
                            "GET /target HTTP/1.1 ",
                            "GET /target HTTP/01.1",
                            "GET /target HTTP/1.10",
                            "GET /target HTTP/1.01",
                            "GET /target http/1.1",
                            "GET /target HTTP/2.0",
                            "GET /target HTTP/0.9",
                            "GET /target HTTP/1",
                            "GET /target HTTP/1.",
                            "GET /target HTTP/.1",
                            "GET /target",
                            "GET /target HTTP/1.1\r",
                            "GET /target\013HTTP/1.1",
                            "GET http://other.test/target HTTP/1.1",
                            "GET //target HTTP/1.1",
                            "GET /a/../target HTTP/1.1",
                            "GET /./target HTTP/1.1",
                            "GET /a%2e%2e/target HTTP/1.1",
                            "GET /a%2ftarget HTTP/1.1",
                            "GET /target%00 HTTP/1.1",
                            "GET /target#x HTTP/1.1",
                            "GET /target\\x HTTP/1.1",
                            "GET target HTTP/1.1",
                            "GET * HTTP/1.1",
                            "OPTIONS * HTTP/1.1",
                            "CONNECT clinic.test:80 HTTP/1.1",
                            "TRACE /target HTTP/1.1",
                            "get /target HTTP/1.1",
                            "G\x01T /target HTTP/1.1",
                            "GET /t\x80rget HTTP/1.1",
                            "GET /target HTTP/1.1 HTTP/1.1",
                            "GET /target HTTP/1.1\nX: y",
                            "BREW /target HTTP/1.1"})
      line(bad, std::string_view(bad).find("%2") != std::string_view::npos ? Fate::either : Fate::refused);
    add("line: with NUL", with_nul("GET /tar", "get HTTP/1.1\r\nHost: clinic.test\r\n\r\n"));
    add("line: after CRLF", "\r\nGET /target HTTP/1.1\r\nHost: clinic.test\r\n\r\n", Fate::either);
    add("line: after LF", "\nGET /target HTTP/1.1\r\nHost: clinic.test\r\n\r\n", Fate::either);
    add("line: ended by LF", "GET /target HTTP/1.1\nHost: clinic.test\n\n");
    line("GET /target?a=b&c=%20d HTTP/1.1", Fate::read);
  }

  void fields() {
    const auto field = [&](std::string name, std::string_view lines, Fate fate = Fate::refused) {
      add("field: " + std::move(name), "GET /target HTTP/1.1\r\n" + std::string(lines) + "\r\n", fate);
    };
    const std::string host = "Host: clinic.test\r\n";
    field("no Host", "X: y\r\n");
    field("two Hosts", host + "Host: other.test\r\n");
    field("two Hosts alike", host + host);
    for (const char* bad : {"a b", "a, b", "a/b", "user@a", "a:80:81", "a:x", "[::1", "a\x0b", "a?b", "a#b", ""})
      field("Host [" + std::string(bad) + "]", "Host: " + std::string(bad) + "\r\n");
    field("Host space before colon", "Host : clinic.test\r\n");
    field("Host folded", "Host:\r\n clinic.test\r\n");
    field("Host after a space", " " + host);
    field("no colon", host + "Nonsense\r\n");
    field("no name", host + ": y\r\n");
    field("name with a space", host + "X Y: z\r\n");
    field("name with a control", host + "X\x01: z\r\n");
    field("name with a bracket", host + "X(Y): z\r\n");
    field("name beyond ASCII", host + "X\xc3\xa9: z\r\n");
    field("value with NUL", host + with_nul("X: a", "b\r\n"));
    field("value with a control", host +
                                      "X: a\x01"
                                      "b\r\n");
    field("value with a bare CR", host + "X: a\rb\r\n");
    field("value folded", host + "X: a\r\n b\r\n");
    field("header ended by LF", host + "X: y\n\n");
    field("header ended by CR LF LF", host + "X: y\r\n\n");
    field("Trailer", host + "Trailer: X\r\n");
    field("Upgrade", host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n");
    field("Expect of something else", host + "Expect: something\r\n");
    field("Authorization twice", host + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n");
    field("Content-Type twice", host + "Content-Type: application/json\r\nContent-Type: text/plain\r\n");
    field("Origin twice", host + "Origin: https://a.example\r\nOrigin: https://b.example\r\n");
  }

  std::vector<Smuggled> all_{};
};

}  // namespace things
