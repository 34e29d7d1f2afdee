// What a host may bring with it: the clock, chance, the root key, an executor and places outside for checkpoints of the audit log.
// Every port has a default.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "medflow/export.hpp"
#include "medflow/id.hpp"
#include "medflow/time.hpp"

namespace medflow::inline v1 {

/// Tells the time. Thread-safe.
class MEDFLOW_API Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
  /// A time that nobody can set, in microseconds from some moment: where `now` moves otherwise, it was set, and the audit log says
  /// so. By default `now` itself, which then is never seen to be set.
  virtual std::int64_t steady_us() { return now().us; }
  /// Whether the time is known to be right (NTP). By default it is not known.
  virtual bool synchronised() { return false; }
};

/// Fills memory with unpredictable bytes: keys, nonces and ids come from here. Thread-safe.
class MEDFLOW_API Rng {
 public:
  virtual ~Rng() = default;
  virtual void fill(std::span<std::byte> out) = 0;
};

/// Runs closures, on whatever threads the host likes. The library starts no thread where one is given.
class MEDFLOW_API Executor {
 public:
  virtual ~Executor() = default;
  virtual void post(std::function<void()> work) = 0;
};

/// Names one root key: the first 8 bytes of BLAKE2b-128 over it.
using RootId = std::array<std::byte, 8>;

/// Holds the root keys, and wraps and unwraps tenant keys under them; a root key is never handed out. `associated` is
/// bound to the wrapping: unwrapping with other associated data fails. Thread-safe. All but `list` throw Failure
/// `key.mismatch` where the key is not there or does not open what it is given.
class MEDFLOW_API RootKeyProvider {
 public:
  virtual ~RootKeyProvider() = default;
  virtual RootId current() = 0;
  /// Wraps a 32-byte key; the answer can be kept anywhere.
  virtual std::vector<std::byte> wrap(const RootId& root, std::span<const std::byte> associated,
                                      std::span<const std::byte, 32> key) = 0;
  virtual void unwrap(const RootId& root, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
                      std::span<std::byte, 32> key) = 0;
  virtual std::vector<RootId> list() = 0;
};

/// A place outside the database where the signed checkpoints of audit logs are kept: whoever holds one sees when a log is cut
/// back behind it. `origin` names the log ("medflow/<deployment>/<tenant>"), `note` is the checkpoint, a signed note (C2SP) of a few
/// lines. Called by `Platform::tick` and when a platform is closed, one call at a time for each log.
class MEDFLOW_API CheckpointSink {
 public:
  virtual ~CheckpointSink() = default;
  /// Keeps a checkpoint, for good, before it returns. May throw: the checkpoint is given again with the next tick.
  virtual void keep(std::string_view origin, std::string_view note) = 0;
  /// The newest notes that it holds of a log, in the order in which they came, with an empty line between two; empty where it has
  /// none or cannot read them back. `audit.verify` compares the log with them.
  virtual std::string held(std::string_view origin);
};

/// Appends checkpoints to a file per log in `folder`: its origin with a dot for each slash, and ".checkpoints". The
/// files are synced, and only ever grow. Keep the folder where whoever can write to the data cannot: on another machine, at best.
MEDFLOW_API std::shared_ptr<CheckpointSink> file_checkpoint_sink(std::string folder);

/// Hands each checkpoint to the host. `keep` as above.
MEDFLOW_API std::shared_ptr<CheckpointSink> callback_checkpoint_sink(
    std::function<void(std::string_view origin, std::string_view note)> keep);

/// How a message reaches somebody.
enum class Channel : std::uint8_t { email };

/// A message to one person, ready to go. It holds an address and may hold a one-time link: never to be logged.
struct Message {
  Uuid id{};  ///< the same each time this message is handed over: who has seen it before need not send it again
  Channel channel = Channel::email;
  std::string kind{};    ///< what it is about: "auth.reset"
  std::string tenant{};  ///< the slug of the tenant that it comes from
  std::string to{};      ///< an e-mail address
  std::string locale{};  ///< BCP 47; empty for none
  std::string subject{};
  std::string text{};  ///< plain text, lines end in "\n"
};

/// What became of a message that was handed over.
enum class Delivery : std::uint8_t {
  sent,     ///< taken over: it is not handed over again
  later,    ///< not now: it is handed over again, less and less often, until it is too old
  refused,  ///< never: it is given up
};

/// Takes messages over, for one or more channels. Called by `Platform::tick`, one message at a time, outside every transaction, for about
/// a second of each tick: the next tick waits for a call that takes longer, so one that has no answer gives up within seconds. After a
/// `later` the other messages of that tenant wait for the next tick. A message about an account ("auth.…") may come twice, with the same
/// id, where the process died between handing it over and noting that; for others see `dedupes`. What `send` throws counts as `later`.
/// Thread-safe.
class MEDFLOW_API MessageSender {
 public:
  virtual ~MessageSender() = default;
  virtual Delivery send(const Message& message) = 0;
  /// Whether a message that comes twice reaches somebody once, because its id is given to the provider as the key, say. Then each of which it
  /// is not known what came of it is handed over again. By default it is not so: a reminder or an invoice's message, which may have been
  /// sent, is not handed over a second time.
  virtual bool dedupes() const { return false; }
};

/// What a scanner says of a file.
enum class ScanVerdict : std::uint8_t {
  clean,
  infected,
  failed,  ///< it cannot be read: it is encrypted, say, or too large for the scanner
};

/// Looks for harm in files before anybody gets them. Called by `Platform::tick`, one file at a time, outside every transaction. What it throws, or an
/// error of `content` that it hands on, means that it is not there now: the file waits, and is given again later. Thread-safe.
class MEDFLOW_API DocumentScanner {
 public:
  virtual ~DocumentScanner() = default;
  /// `content` is pulled from start to end: it fills a buffer and answers how many bytes it wrote; 0 is the end.
  virtual ScanVerdict scan(const std::function<std::size_t(std::span<std::byte>)>& content,
                           std::uint64_t size_bytes) = 0;
};

/// What a patient is to get, and what is known that may stand against it. Substances as codes of their systems.
struct TherapyQuestion {
  struct Substance {
    std::string system{};
    std::string code{};
  };
  Substance substance{};
  std::vector<Substance> allergies{};  ///< that are not over
  std::vector<Substance> orders{};     ///< of medication, that run
};

/// What a checker has against it.
struct TherapyFinding {
  bool blocks = false;  ///< it is signed only with a reason
  std::string rule{};   ///< the checker's own name for it, at most 60 visible ASCII characters; no personal data
};

/// Looks at an order, a dispense or an immunization beyond what the library does itself (the very substance): interactions, classes, doses.
/// Called before it is signed, within the tenant's transaction: it answers at once, from memory. What it throws is a finding that blocks,
/// of the rule "unavailable". Thread-safe.
class MEDFLOW_API TherapyChecker {
 public:
  virtual ~TherapyChecker() = default;
  virtual std::vector<TherapyFinding> check(const TherapyQuestion& question) = 0;
};

/// What is printed, in order and without a layout: an invoice, a receipt, a statement of account.
struct Paper {
  struct Fact {
    std::string name{};
    std::string value{};
  };
  struct Row {
    std::vector<std::string> cells{};
    bool strong = false;  ///< a sum
  };
  /// Facts, then a table, then a text; each may be empty.
  struct Block {
    std::string heading{};
    std::vector<Fact> facts{};
    std::vector<std::string> columns{};
    std::vector<bool> is_number{};  ///< by column: it ends at the right edge
    std::vector<Row> rows{};
    std::string text{};
  };

  std::string language{};  ///< BCP 47
  std::string issuer{};
  std::string title{};
  std::vector<Block> blocks{};
  std::string footer{};  ///< at the foot of each page
};

/// Sets paper as PDF. Called outside every transaction. What it throws is unavailable `print.failed`. Thread-safe.
class MEDFLOW_API PdfPrinter {
 public:
  virtual ~PdfPrinter() = default;
  /// The same bytes for the same paper.
  virtual std::string print(const Paper& paper) = 0;
};

/// The system's clock; microseconds, UTC.
MEDFLOW_API std::shared_ptr<Clock> system_clock();

/// The system's source of randomness, by libsodium.
MEDFLOW_API std::shared_ptr<Rng> system_rng();

/// A root key in a file of 32 random bytes in hexadecimal, mode 0600, owned by the effective user; anything else is refused
/// with Failure `key.mismatch`, which names the file and what is wrong with it.
MEDFLOW_API std::shared_ptr<RootKeyProvider> file_root_key(const std::string& path);

/// Makes such a file with a new key. Refuses to overwrite one.
MEDFLOW_API void create_root_key_file(const std::string& path, Rng& rng);

/// A root key in a file, itself wrapped under a passphrase: Argon2id (RFC 9106) with 3 passes over 256 MiB. The file has the mode
/// and owner of `file_root_key`. Takes about a second. Throws Failure `key.mismatch` for a wrong passphrase, for a file that is
/// none, and for one that asks for less than those parameters.
MEDFLOW_API std::shared_ptr<RootKeyProvider> passphrase_root_key(const std::string& path, std::string_view passphrase);

/// Makes such a file with a new key. Refuses to overwrite one. Throws Failure `invalid` for a passphrase of fewer than 12 bytes.
MEDFLOW_API void create_passphrase_root_key_file(const std::string& path, std::string_view passphrase, Rng& rng);

/// A root key that somebody else keeps (an HSM, a key service, the system's key ring), as four functions. `list` may be empty: the
/// current one is then all there is. Each may be called from any thread. What they throw is answered as unavailable
/// `key.unavailable`, retryable; an `unwrap` that answers false is `key.mismatch`.
struct RootKeyCallbacks {
  std::function<RootId()> current{};
  std::function<std::vector<std::byte>(const RootId& root, std::span<const std::byte> associated,
                                       std::span<const std::byte, 32> key)>
      wrap{};
  std::function<bool(const RootId& root, std::span<const std::byte> associated, std::span<const std::byte> wrapped,
                     std::span<std::byte, 32> key)>
      unwrap{};
  std::function<std::vector<RootId>()> list{};
};

/// A provider made of functions. Throws Failure `invalid` where one that is needed is missing.
MEDFLOW_API std::shared_ptr<RootKeyProvider> callback_root_key(RootKeyCallbacks callbacks);

/// A root key that lives in memory: for tests and demonstrations.
MEDFLOW_API std::shared_ptr<RootKeyProvider> memory_root_key(std::span<const std::byte, 32> key);

}  // namespace medflow::inline v1
