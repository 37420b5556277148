<?php

declare(strict_types=1);

return [
    'name' => 'Segelclub Möwe e. V.',
    'dsn' => 'sqlite:' . (getenv('SQLITE') ?: __DIR__ . '/../data/club.sqlite'),
    'admin_token' => getenv('ADMIN_TOKEN') ?: 'luvundlee',
    'smtp' => "smtp://moewe:Ostwind-4-Bft@mail.example.de:587",
    'debug' => (bool) ($_ENV['APP_DEBUG'] ?? false),
];
