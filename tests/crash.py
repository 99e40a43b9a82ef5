"""A process that dies before its n-th change of a file: not at random moments, but at every one."""

# Code for a script of one thread, where a fork is safe; the script defines ``write(out, how)``.
RUNS = """
import os, sys

CHANGES = "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"

def runs(out, how, dies_at=0):  # 0 = it does not; returns whether it came to its end
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1] == 0
    left = dies_at

    def count(event, args):
        nonlocal left
        if event in CHANGES or event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR):
            left -= 1
            if not left:
                os._exit(9)

    sys.addaudithook(count)
    try:
        write(out, how)
    except BaseException as error:
        print(f"{out}, {how}, dies_at {dies_at}: {error!r}", file=sys.stderr)
        os._exit(1)
    os._exit(0)
"""
