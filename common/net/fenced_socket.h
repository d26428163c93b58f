#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include <boost/asio/compose.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/post.hpp>

#include "common/net/fence.h"

namespace mailhaul::net {

using Socket = boost::asio::generic::stream_protocol::socket;

// A connected socket whose every send is preceded by a look at a fence: what Asio's streams, TLS
// among them, run on. Asio's own write would leave the sending to the reactor, which asks nobody.
class FencedSocket {
 public:
  using executor_type = Socket::executor_type;
  using lowest_layer_type = Socket::lowest_layer_type;

  // Without a fence it is a socket like any other.
  FencedSocket(Socket socket, std::shared_ptr<const Fence> fence);
  FencedSocket(FencedSocket&&) = default;
  ~FencedSocket() { Close(); }

  executor_type get_executor() { return socket_.get_executor(); }
  lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return socket_.async_read_some(buffers, std::forward<Token>(token));
  }
  // Ends with operation_aborted, the socket closed, when the fence is closed.
  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_compose<Token, void(boost::system::error_code, size_t)>(
        WriteSome<Buffers>{*this, buffers}, token, socket_);
  }

  // With a closed fence, what the system has not sent yet is dropped and the peer sees a reset.
  void Close();
  // Whether a closed fence has stopped a write.
  bool stopped_by_fence() const { return stopped_by_fence_; }

 private:
  template <typename Buffers>
  struct WriteSome;
  // One system call, if the fence lets it; would_block when there is no room.
  template <typename Buffers>
  size_t SendSome(const Buffers& buffers, boost::system::error_code& error) {
    if (fence_ == nullptr || !fence_->closed()) return socket_.write_some(buffers, error);
    stopped_by_fence_ = true;
    Close();
    error = boost::asio::error::operation_aborted;
    return 0;
  }

  Socket socket_;
  std::shared_ptr<const Fence> fence_;  // null: none
  bool stopped_by_fence_ = false;
};

// The steps of one async_write_some: sends until it gets anywhere, waiting for room in between.
template <typename Buffers>
struct FencedSocket::WriteSome {
  FencedSocket& stream;
  Buffers buffers;
  bool done = false;
  boost::system::error_code result{};
  size_t sent = 0;

  template <typename Self>
  void operator()(Self& self) {
    if (done) return self.complete(result, sent);
    Send(self, /*at_once=*/true);
  }
  template <typename Self>
  void operator()(Self& self, boost::system::error_code waited) {
    if (waited) return self.complete(waited, 0);
    Send(self, /*at_once=*/false);
  }

  template <typename Self>
  void Send(Self& self, bool at_once) {
    sent = stream.SendSome(buffers, result);
    if (result == boost::asio::error::would_block) {
      stream.socket_.async_wait(Socket::wait_write, std::move(self));
    } else if (!at_once) {
      self.complete(result, sent);
    } else {  // a handler must not run within the call that it was given to
      done = true;
      boost::asio::post(stream.get_executor(), std::move(self));
    }
  }
};

}  // namespace mailhaul::net
