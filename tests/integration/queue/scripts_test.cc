// The scripts as the build embeds them.

#include "absl/strings/str_cat.h"

#include "lua_scripts.h"
#include "queue_test_fixture.h"

namespace mailhaul::queue {
namespace {

class ScriptsTest : public QueueTest {};

TEST_F(ScriptsTest, EachCarriesTheSha1ThatRedisWillCallItBy) {
  for (const redis::Script& script :
       {lua::cancel_batch, lua::cancel_job, lua::checkpoint, lua::claim, lua::create_batch,
        lua::finish, lua::give_back, lua::list_batches, lua::read_jobs, lua::read_past, lua::renew,
        lua::seal, lua::submit, lua::sweep, lua::tick, lua::vouch}) {
    const redis::Reply sha1 = Raw({"SCRIPT", "LOAD", std::string(script.text)});
    EXPECT_EQ(sha1.text, std::string(script.sha1)) << script.name;
    EXPECT_EQ(script.keys, 1) << script.name;
  }
}

}  // namespace
}  // namespace mailhaul::queue
