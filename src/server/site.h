// SPDX-License-Identifier: Apache-2.0
#pragma once

// Site: everything that comityd answers, as a function from a request to a response. No sockets and
// no clock: a test asks it directly.
//
// What always holds: what is not understood whole is refused with what is known instead; every
// failure says what and where in the form of what was asked for, and to a browser as a page unless
// it asked for JSON; every page and every JSON of a demonstration carries its label. The routes are
// in routes.cpp.

#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"
#include "node/node.h"
#include "server/messages.h"
#include "store/objects.h"

namespace comity::server {

class Site {
public:
    /// Borrows node and objects (of which it serves tiles and checkpoint).
    Site(node::Node& node, const store::Objects& objects, Catalogue catalogue);

    /// Thread-safe; never fails.
    net::Response answer(const net::Request& request) const;

private:
    node::Node& node_;
    const store::Objects& objects_;
    Catalogue catalogue_;
    std::string instance_;  // differs from one start to the next, as the code behind an ETag may
};

}  // namespace comity::server
