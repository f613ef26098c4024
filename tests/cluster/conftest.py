"""A Ray cluster of several nodes on this machine; a node is a raylet with workers of its own."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest


def workers_of(node) -> list[bytes]:
    """What the processes of a node's workers call themselves: ray::IDLE, or what they do."""
    raylet = node.all_processes["raylet"][0].process.pid
    children = Path(f"/proc/{raylet}/task/{raylet}/children").read_text().split()
    return [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children]


class Nodes:
    """The nodes that work, one core each."""

    def __init__(self, cluster) -> None:
        self.cluster = cluster
        self.working = [cluster.add_node(num_cpus=1) for _ in range(2)]

    def kill_one(self, at: bytes) -> None:
        """Kill a node while it is at this; another takes its place."""
        late = time.monotonic() + 60
        while not any(title.startswith(b"ray::" + at) for title in workers_of(self.working[0])):
            assert time.monotonic() < late, f"the node is not at {at!r}"
            time.sleep(0.005)
        self.cluster.remove_node(self.working.pop(0), allow_graceful=False)
        self.working.append(self.cluster.add_node(num_cpus=1))


@pytest.fixture(scope="session")
def nodes():
    ray = pytest.importorskip("ray")
    if not Path("/proc/self/task").exists():
        pytest.skip("no /proc on this machine")
    from ray.cluster_utils import Cluster

    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "120"}
    head = {"num_cpus": 0, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield Nodes(cluster)
    finally:
        ray.shutdown()
        cluster.shutdown()


@pytest.fixture
def connected(nodes):
    """This process, connected to the cluster."""
    import ray

    ray.init(address=nodes.cluster.address, log_to_driver=False)
    yield nodes
    ray.shutdown()
