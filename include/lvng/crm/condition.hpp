#pragma once

#include <functional>

namespace lvng::crm::inline v0 {

/// What must hold of an object, as it is in the moment of a change, for the change to be made; an
/// empty one always holds. It is asked while nobody else can change the object, perhaps more than
/// once, so it must be short, and it must not call the library.
template <class Value>
using Condition = std::function<bool(const Value&)>;

}  // namespace lvng::crm::inline v0
