-- CreateTable
CREATE TABLE "ConsoleAccount" (
    "name" TEXT NOT NULL PRIMARY KEY,
    "keyHash" TEXT NOT NULL,
    "createdAt" DATETIME NOT NULL
);

-- CreateTable
CREATE TABLE "ConsoleSession" (
    "id" TEXT NOT NULL PRIMARY KEY,
    "name" TEXT,
    "mark" TEXT,
    "until" DATETIME NOT NULL,
    CONSTRAINT "ConsoleSession_name_fkey" FOREIGN KEY ("name") REFERENCES "ConsoleAccount" ("name") ON DELETE CASCADE ON UPDATE CASCADE
);

-- CreateIndex
CREATE UNIQUE INDEX "ConsoleAccount_keyHash_key" ON "ConsoleAccount"("keyHash");

-- CreateIndex
CREATE INDEX "ConsoleSession_name_idx" ON "ConsoleSession"("name");

-- CreateIndex
CREATE INDEX "ConsoleSession_until_idx" ON "ConsoleSession"("until");


