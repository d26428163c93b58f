#include "common/obs/background.h"

#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>

#include "common/obs/log.h"

namespace mailhaul::obs {

Background::Background(boost::asio::any_io_executor executor, std::string name)
    : executor_(executor), name_(std::move(name)), ended_(executor) {}

void Background::Start(Task<void> loop) {
  boost::asio::co_spawn(executor_, std::move(loop), [this](std::exception_ptr bug) {
    if (bug) log::Error("a loop ended by an exception", {{"loop", name_}});
    ended_.Set();
  });
}

}  // namespace mailhaul::obs
