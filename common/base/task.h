#pragma once

#include <boost/asio/awaitable.hpp>

namespace mailhaul {

// A coroutine that runs on one io_context thread and yields a T.
template <typename T>
using Task = boost::asio::awaitable<T>;

}  // namespace mailhaul
