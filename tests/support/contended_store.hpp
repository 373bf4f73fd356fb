#pragma once

#include <lvng/crm/ports/store.hpp>

#include <memory>

namespace lvng::crm::test {

/// A SQLite file on which three other users write all the time, so that nearly every commit is a
/// group's: some of their parts are undone, and some wait long enough to end a group.
std::unique_ptr<Store> contended_store();

}  // namespace lvng::crm::test
