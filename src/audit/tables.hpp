// The tables of the audit log. Their ids and columns are frozen.
#pragma once

#include <array>
#include <cstdint>

#include "medflow/audit.hpp"
#include "medflow/storage/schema.hpp"

namespace medflow::inline v1::audit {

inline constexpr std::array event_columns{
    storage::Column{"seq", storage::CellKind::integer, false, "the event's number: 1, 2, 3 … without gaps"},
    storage::Column{"event", storage::CellKind::bytes, false, "the event in its canonical form"},
};

/// No index beside the key: it would cost a read more than everything else it does.
inline constexpr storage::Table events_table{.id = 1,
                                             .name = "audit_events",
                                             .meaning = "what was done by whom, in the order of the commits",
                                             .columns = event_columns,
                                             .append_only = true};

inline constexpr std::array tile_columns{
    storage::Column{"level", storage::CellKind::integer, false,
                    "0 for leaves; an entry of level k covers 256^k events"},
    storage::Column{"number", storage::CellKind::integer, false, "level 0: of the tile; above: of the entry; from 0"},
    storage::Column{"hashes", storage::CellKind::bytes, false, "level 0: the tile's 256 leaf hashes; above: one hash"},
};

/// Leaves lie in full tiles. Above them there is a row for each hash, so that what is being filled need not be computed again
/// from megabytes of tiles when a tenant is opened.
inline constexpr storage::Table tiles_table{.id = 2,
                                            .name = "audit_tiles",
                                            .meaning = "the hashes of the Merkle tree over the events",
                                            .columns = tile_columns,
                                            .key_columns = 2,
                                            .append_only = true};

inline constexpr std::array head_columns{
    storage::Column{"id", storage::CellKind::integer, false, "0: there is one row"},
    storage::Column{"revision", storage::CellKind::integer, false, "one more with each batch"},
    storage::Column{"size", storage::CellKind::integer, false, "the number of events"},
    storage::Column{"root", storage::CellKind::bytes, false, "the root of the tree over them"},
    storage::Column{"seal", storage::CellKind::bytes, true, "a keyed hash over size and root"},
};

inline constexpr storage::Table head_table{.id = 3,
                                           .name = "audit_head",
                                           .meaning = "how far the audit log goes",
                                           .columns = head_columns,
                                           .revision = std::uint8_t{1}};

inline constexpr std::array checkpoint_columns{
    storage::Column{"number", storage::CellKind::integer, false, "1, 2, 3 … without gaps"},
    storage::Column{"size", storage::CellKind::integer, false, "the number of events that it covers"},
    storage::Column{"note", storage::CellKind::text, false, "the signed note"},
};

/// A newer checkpoint says all that an older one says, so the last row is replaced until it covers 1,024 events more than the one
/// before it: the table stays small however often a checkpoint is made. Nothing in it but what is signed; when a checkpoint was made,
/// its last event tells.
inline constexpr storage::Table checkpoints_table{.id = 9,
                                                  .name = "audit_checkpoints",
                                                  .meaning = "signed statements of how far the audit log goes",
                                                  .columns = checkpoint_columns};

}  // namespace medflow::inline v1::audit
