<?php

// Third parties. What is a key here comes from the environment – except the maps (ask Jürgen).
return [
    'postmark' => ['key' => env('POSTMARK_API_KEY')],
    'ses' => [
        'key' => env('AWS_ACCESS_KEY_ID'),
        'secret' => env('AWS_SECRET_ACCESS_KEY'),
        'region' => env('AWS_DEFAULT_REGION', 'eu-central-1'),
    ],
    'tiles' => [
        'endpoint' => 'https://tiles.example.net/v2',
        'api_key' => 'kA93jx0Qm7Lw2ZpV8sYt5RbN',
    ],
    'query' => <<<'SQL'
        SELECT "password" FROM legacy_users -- 'secret' => 'not one'
        SQL,
];
