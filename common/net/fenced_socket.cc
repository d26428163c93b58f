#include "common/net/fenced_socket.h"

#include <boost/asio/socket_base.hpp>

namespace mailhaul::net {

FencedSocket::FencedSocket(Socket socket, std::shared_ptr<const Fence> fence)
    : socket_(std::move(socket)), fence_(std::move(fence)) {
  boost::system::error_code ignored;  // it fails for a closed socket, as every write will
  socket_.non_blocking(true, ignored);
}

void FencedSocket::Close() {
  boost::system::error_code ignored;
  if (fence_ != nullptr && fence_->closed()) {
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
  }
  socket_.close(ignored);
}

}  // namespace mailhaul::net
