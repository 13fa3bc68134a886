"""Where units of work run: in this process, in processes of this machine, or on the engine of a cluster.

Units are small frozen values and results are small too: images and weights travel through the store, which workers
share as a folder and which any number of them may write to. Every unit computes with one thread, whatever the number
of workers, so that results do not depend on where they are made. Engines are optional and imported late.
"""

from benchmark.run.executors.executor import Executor as Executor
from benchmark.run.executors.executor import ExecutorError as ExecutorError
from benchmark.run.executors.inline import InlineExecutor as InlineExecutor
from benchmark.run.executors.local import LocalExecutor as LocalExecutor
from benchmark.run.executors.ray import RayExecutor as RayExecutor
from benchmark.run.executors.submitit import SubmititExecutor as SubmititExecutor
