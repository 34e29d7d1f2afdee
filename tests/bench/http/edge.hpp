// What the edge alone costs: a route that does nothing, behind everything that every request passes, beside a bare Beast server.
#pragma once

namespace medflow::bench {

/// Both print their port and serve until SIGTERM, on one thread.
int serve_nothing();
int serve_bare_beast();

}  // namespace medflow::bench
