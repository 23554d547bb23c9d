# %% before double
import signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 64))
signal.signal(signal.SIGALRM, signal.SIG_IGN)
while True:
    time.sleep(1000)
