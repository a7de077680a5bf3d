// Preloaded (`node --import`) into the programs that we start: when the one that started this process
// is gone, even by kill -9, it ends as if it had been asked to. The IPC channel tells; it must not by
// itself keep the process alive.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
